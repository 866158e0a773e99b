"""The outcome of an attempt that raised an exception."""

from __future__ import annotations

from jobgen_runtime.contract.outcomes import Cancelled, Failed, Outcome, SnoozeFor
from jobgen_runtime.contract.requests import Cancel, Snooze
from jobgen_runtime.executor.error_text import format_error, shorten


class ProcessFailed(Exception):
    """The process that runs the job did not start, or died. The message says how."""


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome of an attempt that raised `error`."""
    match error:
        case Snooze():
            return SnoozeFor(error.delay)
        case Cancel():
            return Cancelled(shorten(f"Cancelled: {error.reason}"))
        case ProcessFailed():
            return Failed(shorten(str(error)))
        case _:
            return Failed(format_error(error))
