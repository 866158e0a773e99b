"""`TasksBackend`: the backend for `settings.TASKS`. It enqueues tasks and reads results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import checks
from django.db import connections
from django.utils import timezone

from jobgen_runtime.contract.errors import InvalidJob, RecordNotFound, SchemaError
from jobgen_runtime.database.missing_objects import MissingTable
from jobgen_runtime.django.settings import database_alias
from jobgen_runtime.django.tasks.json_values import stored_json
from jobgen_runtime.django.tasks.library import (
    AnyResult,
    AnyTask,
    BaseTaskBackend,
    InvalidTask,
    TaskResultDoesNotExist,
    task_enqueued,
)
from jobgen_runtime.django.tasks.options import further_modules
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.django.tasks.registered import TaskNotFound, find_task, require_module
from jobgen_runtime.django.tasks.results import task_result
from jobgen_runtime.django.tasks.task_job import define_job

APP = "jobgen_runtime.django"
"""The application whose migrations create the table."""


class TasksBackend(BaseTaskBackend):
    """Enqueues tasks as rows of `django_task_jobs`, over Django's connection.

    Inside `atomic()`, the row commits with the data, so `transaction.on_commit` is not needed.
    """

    is_run_by_jobgen = True
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: AnyTask, args: Any, kwargs: Any) -> AnyResult:
        """Insert a row for a call of the task.

        Raises:
            InvalidTask: The settings do not allow it, or no worker would run it.
            TypeError, ValueError: An argument cannot be stored as JSON.
        """
        self.validate_task(task)
        try:
            require_module(task.func.__module__, task.module_path)
        except TaskNotFound as error:
            raise InvalidTask(str(error)) from None
        values: dict[str, Any] = {
            "task": task.module_path,
            "args": stored_json(list(args), "The arguments"),
            "kwargs": stored_json(dict(kwargs), "The arguments"),
            "queue_name": task.queue_name,
            "backend": self.alias,
            "priority": int(task.priority),
        }
        if task.run_after is not None:
            moment = task.run_after
            values["run_at"] = values["run_after"] = (
                moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            )
        with _explaining_missing_table():
            row = DjangoTaskJob.create_sync(_connection(), **values)
        result = task_result(row, task)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> AnyResult:
        """Read a result, also one of another backend of this class.

        Raises:
            TaskResultDoesNotExist: There is no result with this id.
            TaskNotFound: The task has gone from the code.
        """
        try:
            with _explaining_missing_table():
                row = DjangoTaskJob.get_sync(UUID(str(result_id)), _connection())
        except (ValueError, RecordNotFound):
            raise TaskResultDoesNotExist(result_id) from None
        return task_result(row, find_task(row.task))

    def check(self, **kwargs: Any) -> Iterator[checks.CheckMessage]:
        """Yield what is wrong with the settings of this backend, for `manage.py check`."""
        yield from super().check(**kwargs)
        if not apps.is_installed(APP):
            yield checks.Error(
                f"TASKS[{self.alias!r}] needs the application {APP!r}.",
                hint=f"Add {APP!r} to INSTALLED_APPS, and run: manage.py migrate",
                id="jobgen.E101",
            )
        try:
            further_modules(self)
            define_job(__name__)
        except InvalidJob as error:
            yield checks.Error(error.message, hint=error.hint, id="jobgen.E102")


def _connection() -> Any:
    return connections[database_alias()]


@contextmanager
def _explaining_missing_table() -> Iterator[None]:
    try:
        yield
    except MissingTable as error:
        raise SchemaError(
            f"The database {database_alias()!r} has no table {DjangoTaskJob.__table__.name}.",
            hint="Run: manage.py migrate jobgen",
        ) from error
