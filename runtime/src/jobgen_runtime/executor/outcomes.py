"""The outcome of an attempt that raised an exception."""

from __future__ import annotations

from datetime import timedelta

from jobgen_runtime.contract.errors import HookMisused
from jobgen_runtime.contract.outcomes import Cancelled, Failed, Outcome, SnoozeFor
from jobgen_runtime.contract.requests import Cancel, Snooze
from jobgen_runtime.executor.error_text import format_error, leaves, shorten
from jobgen_runtime.executor.results import UnfinishedResult


class ProcessFailed(Exception):
    """The process that runs the job did not start, or died. The message says how."""


class AttemptNotSent(ProcessFailed):
    """The process cannot be given the attempt, so `perform` was not called."""


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome of an attempt that raised `error`, whatever its class does.

    A group of nothing but `Cancel` and `Snooze` counts as a `Cancel` if there is one in it, and
    else as a `Snooze` for the longest of the delays. Any other group has failed.
    """
    try:
        return _outcome_of(error)
    except BaseException:  # noqa: BLE001 -- an exception whose attributes raise has failed
        return Failed(format_error(error))


def _outcome_of(error: BaseException) -> Outcome:
    if isinstance(error, ProcessFailed | UnfinishedResult | HookMisused):
        return Failed(shorten(str(error)))
    errors = list(leaves(error))
    if not errors or not all(isinstance(each, Cancel | Snooze) for each in errors):
        return Failed(format_error(error))
    if cancels := [each for each in errors if isinstance(each, Cancel)]:
        reasons = dict.fromkeys(map(_reason, cancels))
        return Cancelled(shorten(f"Cancelled: {'; '.join(reasons)}"))
    return _snooze(error, [getattr(each, "delay", None) for each in errors])


def _snooze(error: BaseException, delays: list[object]) -> Outcome:
    valid = [delay for delay in delays if isinstance(delay, timedelta)]
    if len(valid) < len(delays):
        problem = f"{type(error).__name__} is a Snooze whose delay is not a timedelta. If its class"
        advice = "has an __init__, that must call super().__init__(for_=…)."
        return Failed(shorten(f"{problem} {advice}\n\n{format_error(error)}"))
    longest = max(valid)
    # A class of the application could not be sent to another process.
    return SnoozeFor(timedelta(longest.days, longest.seconds, longest.microseconds))


def _reason(error: BaseException) -> str:
    try:
        reason = getattr(error, "reason", None)
        return (str(reason) if isinstance(reason, str) else str(error)) or type(error).__name__
    except BaseException:  # noqa: BLE001 -- it cancels the job, whatever its attributes do
        return type(error).__name__
