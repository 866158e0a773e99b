"""How one run of `perform` ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

CANCELLED = "It was cancelled."
"""The `last_error` of a job that an operator cancelled."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """It returned."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It raised: `error` is the traceback, cut to what a row keeps."""

    error: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """It ran into the job's timeout, and has ended since."""

    error: str


@dataclass(frozen=True, slots=True)
class Snoozed:
    """It asked to be run again after `delay`, as if it had not been run."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It, or an operator, decided that it is not to be tried again."""

    error: str


@dataclass(frozen=True, slots=True)
class Released:
    """The worker ended it before it was through, for reasons of its own."""


Outcome = Succeeded | Failed | TimedOut | Snoozed | Cancelled | Released


@dataclass(frozen=True, slots=True)
class Committed:
    """Its own transaction has written its success: nothing follows any more."""
