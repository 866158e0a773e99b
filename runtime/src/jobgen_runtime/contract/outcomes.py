"""How one run of `perform` ended."""

from __future__ import annotations

from dataclasses import dataclass


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
class Released:
    """The worker ended it before it was through, for reasons of its own."""


Outcome = Succeeded | Failed | TimedOut | Released
