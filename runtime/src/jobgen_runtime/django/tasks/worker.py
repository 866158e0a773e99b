"""What a worker needs to run Django's Tasks."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from jobgen_runtime.job import Job


def task_jobs() -> list[type[Job[Any]]]:
    """Return the job class of Django's Tasks if `settings.TASKS` has our backend; else none.

    The modules with tasks are imported, so that an error in one is seen when the worker starts.

    Raises:
        InvalidJob: OPTIONS of a backend are invalid.
    """
    if not getattr(settings, "TASKS", None):
        return []
    from jobgen_runtime.django.tasks.options import our_backends

    if not our_backends():
        return []
    from jobgen_runtime.django.tasks.job import DjangoTask
    from jobgen_runtime.django.tasks.registered import import_tasks

    import_tasks()
    return [DjangoTask]
