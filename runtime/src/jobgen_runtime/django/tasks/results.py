"""Read a row of `django_task_jobs` as a `TaskResult`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import timezone

from jobgen_runtime.contract.states import ENDED, JobStatus
from jobgen_runtime.django.tasks.library import AnyResult, AnyTask, TaskError, TaskResultStatus
from jobgen_runtime.django.tasks.record import DjangoTaskJob


class TaskStopped(Exception):
    """What `errors` has for an attempt that ended outside of its function.

    The worker died, someone cancelled the job, or it expired. The traceback says which.
    """


_STATUS: Mapping[JobStatus, Any] = MappingProxyType(
    {
        JobStatus.NOT_STARTED: TaskResultStatus.READY,
        JobStatus.RETRY: TaskResultStatus.READY,
        JobStatus.RUNNING: TaskResultStatus.RUNNING,
        JobStatus.SUCCEEDED: TaskResultStatus.SUCCESSFUL,
        JobStatus.FAILED: TaskResultStatus.FAILED,
        JobStatus.TIMED_OUT: TaskResultStatus.FAILED,
    }
)

ATTEMPT, CLASS, TRACEBACK = "attempt", "exception_class_path", "traceback"
"""The keys of an item of the column `errors`."""


def task_result(row: DjangoTaskJob, task: AnyTask) -> AnyResult:
    """Return the result of a task as Django has it, of its row and the task that this names."""
    has_ended = row.status in ENDED
    result = AnyResult(
        task=_task_of(row, task),
        id=str(row.id),
        status=_STATUS.get(row.status, TaskResultStatus.READY),
        enqueued_at=_django_time(row.created_at),
        started_at=_django_time(row.started_at),
        finished_at=_django_time(row.updated_at) if has_ended else None,
        last_attempted_at=_django_time(row.last_attempted_at),
        args=row.args,
        kwargs=row.kwargs,
        backend=row.backend,
        errors=_errors(row),
        worker_ids=[str(worker) for worker in row.worker_ids[: row.attempts_count]],
    )
    if row.status is JobStatus.SUCCEEDED:
        object.__setattr__(result, "_return_value", row.result)
    return result


def class_path(kind: type[BaseException]) -> str:
    """Return the dotted path of an exception, as Django's `TaskError` has it."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _task_of(row: DjangoTaskJob, task: AnyTask) -> AnyTask:
    """Return the task with what it was enqueued with.

    It is not validated again, as its constructor does: a queue may have gone from the settings.
    """
    enqueued = {
        "priority": row.priority,
        "queue_name": row.queue_name,
        "run_after": _django_time(row.run_after),
        "backend": row.backend,
    }
    used: AnyTask = object.__new__(type(task))
    for field in fields(task):
        value = enqueued.get(field.name, getattr(task, field.name))
        object.__setattr__(used, field.name, value)
    return used


def _django_time(moment: datetime | None) -> datetime | None:
    """Return a time as Django's database fields return it: in UTC, or without a time zone."""
    if moment is None:
        return None
    if settings.USE_TZ:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return timezone.make_naive(moment) if moment.tzinfo else moment


def _errors(row: DjangoTaskJob) -> list[TaskError]:
    recorded = [item for item in row.errors if item[ATTEMPT] <= row.attempts_count]
    errors = [_error(item) for item in recorded]
    has_failed = row.status in (JobStatus.FAILED, JobStatus.TIMED_OUT)
    if has_failed and not any(item[ATTEMPT] == row.attempts_count for item in recorded):
        stopped = TimeoutError if row.status is JobStatus.TIMED_OUT else TaskStopped
        text = f"{row.last_error or ''}\n"
        errors.append(TaskError(exception_class_path=class_path(stopped), traceback=text))
    return errors


def _error(item: Mapping[str, Any]) -> TaskError:
    return TaskError(exception_class_path=item[CLASS], traceback=item[TRACEBACK])
