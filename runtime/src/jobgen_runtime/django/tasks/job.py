"""`DjangoTask`: the job class of Django's Tasks. Importing this requires Django's settings."""

from __future__ import annotations

from jobgen_runtime.django.tasks.task_job import define_job

# Found by this name in the processes of `isolation`, which import this module.
DjangoTask = define_job(__name__)
