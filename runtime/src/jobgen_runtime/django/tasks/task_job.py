"""The kind of job that runs Django's Tasks; `job.py` gives it the OPTIONS of `settings.TASKS`."""

from __future__ import annotations

from jobgen_runtime.django.tasks.options import task_job_options
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.django.tasks.run import run_task
from jobgen_runtime.job import Job


class TaskJob(Job[DjangoTaskJob]):
    """Runs all functions with `@task` whose backend is `TasksBackend`, of all queues.

    An asynchronous function runs in a thread, too, with an event loop for the call. So it may call
    code that blocks, and Django's connections are those of the thread.
    """

    max_attempts = 1  # Django's Tasks are not retried.

    def perform(self, job: DjangoTaskJob) -> None:
        """Run the function that the row names."""
        run_task(job)


def define_job(module: str) -> type[TaskJob]:
    """Define the job class with the options of `settings.TASKS`.

    Args:
        module: Where the class is found by its name.

    Raises:
        InvalidJob: An option is unknown or invalid.
    """
    return type("DjangoTask", (TaskJob,), {"__module__": module, **task_job_options()})
