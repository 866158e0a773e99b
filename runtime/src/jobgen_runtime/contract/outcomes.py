"""Outcomes: how one attempt at `perform` ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

CANCELLED = "The job was cancelled."
"""The `last_error` of a job that an operator cancelled."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """`perform` returned."""


@dataclass(frozen=True, slots=True)
class Failed:
    """`perform` raised. `error` is the traceback, truncated to what a row keeps."""

    error: str


FAILED_OVER = Failed(
    "Another server took over the database after this attempt began. What the attempt wrote may "
    "have been lost with the previous server."
)


@dataclass(frozen=True, slots=True)
class Crashed(Failed):
    """The process that ran a suspect alone died: the job remains a suspect."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """`perform` exceeded the job's timeout and has ended since."""

    error: str


@dataclass(frozen=True, slots=True)
class SnoozeFor:
    """`perform` raised `Snooze`: the job is due again after `delay`; the attempt does not count.

    It is both an outcome and its transition, running -> retry.
    """

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job itself or an operator cancelled it: there is no further attempt."""

    error: str
    by_operator: bool = False


CANCELLED_BY_OPERATOR = Cancelled(CANCELLED, by_operator=True)


@dataclass(frozen=True, slots=True)
class Expired:
    """`perform` was not called, because the attempt could not begin within `expires_after`."""

    error: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The worker stopped the attempt for its own reasons, as at shutdown; it does not count."""


Outcome = Succeeded | Failed | TimedOut | SnoozeFor | Cancelled | Expired | Interrupted


@dataclass(frozen=True, slots=True)
class Committed:
    """The job's own transaction has already recorded its success: nothing is left to write."""
