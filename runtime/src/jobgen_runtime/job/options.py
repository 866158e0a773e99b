"""Check a job's options when its class is defined."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.job.misspelled_options import check_spelling
from jobgen_runtime.job.on_failed import check_on_failed
from jobgen_runtime.job.perform import check_perform, is_async_perform
from jobgen_runtime.job.signature import check_signature
from jobgen_runtime.retry import Backoff
from jobgen_runtime.schedule.definitions import check_schedules

_BACKOFF_RULE = (
    "must be ConstantBackoff(…), LinearBackoff(…), ExponentialBackoff(…), "
    "or an object with a method delay(attempts)"
)

_LONGEST_RETENTION = timedelta(days=36_500)


def check_options(cls: type) -> None:
    """Check the options of a job class.

    Raises:
        InvalidJob: An option is invalid. The message names the first one.
    """
    check_spelling(cls, {name for base in cls.__bases__ for name in dir(base)})
    _check_count(cls, "max_attempts", least=0)
    _check_count(cls, "max_concurrency", least=1)
    if getattr(cls, "global_concurrency", None) is not None:
        _check_count(cls, "global_concurrency", least=1)
    _check_order(cls)
    _check_priority(cls)
    _check_duration(cls, "timeout")
    _check_duration(cls, "slow_after")
    backoff: object = getattr(cls, "backoff", None)
    if isinstance(backoff, type) or not isinstance(backoff, Backoff):
        _refuse(cls, "backoff", backoff, _BACKOFF_RULE)
    if not callable(getattr(cls, "perform", None)):
        _refuse(cls, "perform", getattr(cls, "perform", None), "must be a method")
    check_perform(cls)
    check_signature(cls)
    _check_isolation(cls)
    check_schedules(cls)
    _check_retention(cls)
    _check_endings(cls)


def _check_count(cls: type, option: str, *, least: int) -> None:
    value: object = getattr(cls, option, None)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        _refuse(cls, option, value, f"must be an integer of {least} or more")


def _check_duration(cls: type, option: str) -> None:
    value: object = getattr(cls, option, None)
    if value is not None and not (isinstance(value, timedelta) and value > timedelta(0)):
        _refuse(cls, option, value, "must be None or a timedelta above zero")


def _check_order(cls: type) -> None:
    strict: object = getattr(cls, "strict_order", False)
    if not isinstance(strict, bool):
        _refuse(cls, "strict_order", strict, "must be True or False")
    if strict and 1 not in (
        getattr(cls, name) for name in ("max_concurrency", "global_concurrency")
    ):
        raise InvalidJob(
            f"{cls.__qualname__}.strict_order requires jobs that run one at a time.",
            hint="Set global_concurrency = 1 (over all workers), or max_concurrency = 1 if only "
            "one worker process runs.",
        )


def _check_priority(cls: type) -> None:
    table: object = getattr(getattr(cls, "record", None), "__table__", None)
    if getattr(table, "has_priority", False) and getattr(cls, "strict_order", False):
        raise InvalidJob(
            f"{cls.__qualname__}.strict_order contradicts the column priority of its table: "
            "in strict order, jobs start by their run_at.",
            hint="Remove strict_order: global_concurrency = 1 alone runs jobs one at a time. Or "
            "remove the column priority.",
        )


def _check_isolation(cls: type) -> None:
    isolation: object = getattr(cls, "isolation", None)
    if isolation not in (None, "process"):
        _refuse(cls, "isolation", isolation, 'must be None or "process"')
    if isolation and is_async_perform(cls):
        raise InvalidJob(
            f'{cls.__qualname__}.isolation = "process" requires a synchronous perform.',
            hint="Write def perform instead of async def perform, or remove isolation.",
        )


def _check_retention(cls: type) -> None:
    for option in ("keep", "keep_failed"):
        value: object = getattr(cls, option, None)
        if value is not None and not (
            isinstance(value, timedelta) and timedelta(0) < value <= _LONGEST_RETENTION
        ):
            rule = "must be None or a timedelta above zero, of 36,500 days at most"
            _refuse(cls, option, value, rule)


def _check_endings(cls: type) -> None:
    expires: object = getattr(cls, "expires_after", None)
    if expires is not None and not (isinstance(expires, timedelta) and expires > timedelta(0)):
        _refuse(cls, "expires_after", expires, "must be None or a timedelta above zero")
    keep: object = getattr(cls, "keep_attempts", False)
    if not isinstance(keep, bool):
        _refuse(cls, "keep_attempts", keep, "must be True or False")
    check_on_failed(cls)


def _refuse(cls: type, option: str, value: object, rule: str) -> NoReturn:
    raise InvalidJob(f"{cls.__qualname__}.{option} {rule}, not {value!r}.")
