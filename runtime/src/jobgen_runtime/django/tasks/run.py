"""Run one attempt of a task: its function, its result and its signals."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.utils import timezone
from psycopg import OperationalError

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.errors import ClaimLost
from jobgen_runtime.django.tasks.json_values import stored_json
from jobgen_runtime.django.tasks.library import (
    AnyResult,
    AnyTask,
    BaseTaskBackend,
    TaskContext,
    TaskError,
    TaskResultStatus,
    task_finished,
    task_started,
)
from jobgen_runtime.django.tasks.options import our_backends
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.django.tasks.registered import find_task
from jobgen_runtime.django.tasks.results import ATTEMPT, CLASS, TRACEBACK, class_path, task_result
from jobgen_runtime.executor.endings import attempt_ending
from jobgen_runtime.executor.error_text import format_error

log = logging.getLogger("jobgen.django.tasks")

WRITE_AGAIN_AFTER = (0.1, 0.4, 1.6, 6.4)
"""Seconds before each further try to write a result while the database cannot be reached."""

_TIMED_OUT = "The attempt ran longer than its timeout."


def run_task(row: DjangoTaskJob) -> None:
    """Run one attempt of the task that a claimed row names.

    Django's signal `task_finished` is sent once the task has ended, and its result is written. The
    row's status follows at once, with those of other jobs. There is no signal for an attempt that
    dies with its process.

    Raises:
        BaseException: What the function raised, or TaskNotFound. It is recorded in the row.
    """
    result: AnyResult | None = None
    value: object = None
    try:
        task = find_task(row.task)
        result = task_result(row, task)
        task_started.send_robust(sender=_sender(row.backend), task_result=result)
        value = stored_json(_call(task, result), "The return value")
        if value is not None:
            _write(row, result=value)
    except BaseException as error:
        _end(row, result, error)
        raise
    _end(row, result, None, value)


def _call(task: AnyTask, result: AnyResult) -> object:
    if task.takes_context:
        return task.call(TaskContext(task_result=result), *result.args, **result.kwargs)
    return task.call(*result.args, **result.kwargs)


def _end(
    row: DjangoTaskJob, result: AnyResult | None, error: BaseException | None, value: object = None
) -> None:
    """Record the error of an attempt, and send Django's signal if it was the last one."""
    ending = attempt_ending(error)
    if ending.outcome is AttemptOutcome.TIMED_OUT:
        recorded = _record_error(row, TimeoutError, error)
    elif ending.outcome in (AttemptOutcome.FAILED, AttemptOutcome.CANCELLED) and error is not None:
        recorded = _record_error(row, type(error), error)
    else:
        recorded = None
    if result is None or not ending.is_final:
        return
    if recorded is None:
        object.__setattr__(result, "_return_value", value)
    else:
        result.errors.append(recorded)
    status = TaskResultStatus.SUCCESSFUL if recorded is None else TaskResultStatus.FAILED
    object.__setattr__(result, "status", status)
    object.__setattr__(result, "finished_at", timezone.now())
    task_finished.send_robust(sender=_sender(row.backend), task_result=result)


def _sender(alias: str) -> type[BaseTaskBackend]:
    """Return the class of the backend with an alias, which may have gone from the settings."""
    found = [type(backend) for backend in our_backends() if backend.alias == alias]
    return found[0] if found else BaseTaskBackend


def _record_error(
    row: DjangoTaskJob, kind: type[BaseException], error: BaseException | None
) -> TaskError:
    """Record how an attempt failed, and return it. The worker also writes it to `last_error`."""
    text = "" if error is None else f"{format_error(error)}\n"
    if kind is TimeoutError and not isinstance(error, TimeoutError):
        text = f"{text}{_TIMED_OUT}\n"
    recorded = TaskError(exception_class_path=class_path(kind), traceback=text)
    item = {
        ATTEMPT: row.attempts_count,
        CLASS: recorded.exception_class_path,
        TRACEBACK: recorded.traceback,
    }
    try:
        _write(row, errors=[*row.errors, item])
    except ClaimLost:
        pass
    except Exception:
        # It must not replace the error of the function.
        log.exception("The error of an attempt was not recorded: %s %s", row.task, row.id)
    return recorded


def _write(row: DjangoTaskJob, **changes: Any) -> None:
    """Write columns of the row. The function has run, so an outage is waited for.

    Raises:
        ClaimLost: The job no longer belongs to this worker.
        psycopg.Error: The database refused the value, or cannot be reached.
    """
    for seconds in WRITE_AGAIN_AFTER:
        try:
            row.update_sync(**changes)
        except OperationalError:
            time.sleep(seconds)
        else:
            return
    row.update_sync(**changes)
