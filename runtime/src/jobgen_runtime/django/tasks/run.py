"""Run one attempt of a task: its function, its result and its signals."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from psycopg import OperationalError

from jobgen_runtime.contract.errors import ClaimLost
from jobgen_runtime.contract.requests import Cancel, Snooze
from jobgen_runtime.django.tasks.backend import TasksBackend
from jobgen_runtime.django.tasks.json_values import stored_json
from jobgen_runtime.django.tasks.library import (
    AnyResult,
    AnyTask,
    TaskContext,
    TaskError,
    TaskResultStatus,
    task_finished,
    task_started,
)
from jobgen_runtime.django.tasks.options import our_backends
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.django.tasks.registered import find_task
from jobgen_runtime.django.tasks.results import ATTEMPT, CLASS, TRACEBACK, task_result
from jobgen_runtime.executor.error_text import format_error

log = logging.getLogger("jobgen.django.tasks")

WRITE_AGAIN_AFTER = (0.1, 0.4, 1.6, 6.4)
"""Seconds before each further try to write a result while the database cannot be reached."""


def run_task(row: DjangoTaskJob, *, max_attempts: int, timeout: timedelta | None) -> None:
    """Run one attempt.

    Django's signal `task_finished` is sent once the function has ended for the last time, and its
    result is written. The row's status follows at once, with those of other jobs.

    Args:
        row: The claimed row.
        max_attempts: The attempts that the job has.
        timeout: What the attempt may take; None: no limit.

    Raises:
        BaseException: What the function raised, or TaskNotFound. It is recorded in the row.
    """
    result: AnyResult | None = None
    is_last = row.attempts_count >= max_attempts
    started = time.monotonic()
    try:
        task = find_task(row.task)
        result = task_result(row, task)
        task_started.send_robust(sender=_sender(row.backend), task_result=result)
        value = stored_json(_call(task, result), "The return value")
        if value is not None:
            _write_result(row, value)
    except Snooze:
        raise
    except BaseException as error:
        is_last = is_last or isinstance(error, Cancel)
        recorded = _record_error(row, error)
        if result is not None and is_last:
            result.errors.append(recorded)
            _finish(result, TaskResultStatus.FAILED)
        raise
    if timeout is not None and time.monotonic() - started > timeout.total_seconds():
        # The worker writes that the attempt has timed out, whatever it returned.
        if is_last:
            _finish(result, TaskResultStatus.FAILED)
        return
    object.__setattr__(result, "_return_value", value)
    _finish(result, TaskResultStatus.SUCCESSFUL)


def _call(task: AnyTask, result: AnyResult) -> object:
    if task.takes_context:
        return task.call(TaskContext(task_result=result), *result.args, **result.kwargs)
    return task.call(*result.args, **result.kwargs)


def _finish(result: AnyResult, status: Any) -> None:
    object.__setattr__(result, "status", status)
    object.__setattr__(result, "finished_at", timezone.now())
    task_finished.send_robust(sender=_sender(result.backend), task_result=result)


def _sender(alias: str) -> type[TasksBackend]:
    """Return the class of the backend with an alias, which may have gone from the settings."""
    found = [type(backend) for backend in our_backends() if backend.alias == alias]
    return found[0] if found else TasksBackend


def _write_result(row: DjangoTaskJob, value: object) -> None:
    """Write what the function returned; it has run, so an outage is waited for.

    Raises:
        ClaimLost: The job no longer belongs to this worker.
        psycopg.Error: The database refused the value, or cannot be reached.
    """
    _writing(lambda: row.update_sync(result=value))


def _record_error(row: DjangoTaskJob, error: BaseException) -> TaskError:
    """Record what the function raised, and return it. The worker also writes it to `last_error`."""
    kind = type(error)
    recorded = TaskError(
        exception_class_path=f"{kind.__module__}.{kind.__qualname__}",
        traceback=f"{format_error(error)}\n",
    )
    item = {
        ATTEMPT: row.attempts_count,
        CLASS: recorded.exception_class_path,
        TRACEBACK: recorded.traceback,
    }
    try:
        _writing(lambda: row.update_sync(errors=[*row.errors, item]))
    except ClaimLost:
        pass
    except Exception:
        # It must not replace the error of the function.
        log.exception("The error of an attempt was not recorded, task %s %s", row.task, row.id)
    return recorded


def _writing(write: Callable[[], Any]) -> None:
    for seconds in WRITE_AGAIN_AFTER:
        try:
            write()
        except OperationalError:
            time.sleep(seconds)
        else:
            return
    write()
