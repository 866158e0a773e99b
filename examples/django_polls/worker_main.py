from typing import Any

from jobgen_runtime import Job

import django_setup  # noqa: F401 -- before the jobs are imported
from polls.worker import workers as polls_workers

workers: list[type[Job[Any]]] = [*polls_workers]
