"""What it means that `perform` raised something."""

from __future__ import annotations

from jobgen_runtime.contract import Cancel, Cancelled, Failed, Outcome, Snooze, Snoozed
from jobgen_runtime.executor.errors import describe, shortened


class ProcessFailed(Exception):
    """The process that was to run `perform` did not start, or died: the message says how."""


def outcome_of(error: BaseException) -> Outcome:
    """How an attempt ended that raised that."""
    match error:
        case Snooze():
            return Snoozed(error.delay)
        case Cancel():
            return Cancelled(shortened(f"Cancelled: {error.reason}"))
        case ProcessFailed():
            return Failed(shortened(str(error)))
        case _:
            return Failed(describe(error))
