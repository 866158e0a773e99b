"""Transitions: how a job's row changes after an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.states import JobStatus


@dataclass(frozen=True, slots=True)
class Succeed:
    """running -> succeeded."""


@dataclass(frozen=True, slots=True)
class Retry:
    """running -> retry, due `delay` from now by the database's clock.

    `is_suspect`: the attempt killed its process, so the next one must not run next to others.
    """

    error: str
    delay: timedelta
    is_suspect: bool = False


@dataclass(frozen=True, slots=True)
class Fail:
    """running -> failed or timed out: a final status.

    `by_operator`: an operator cancelled the job, so that its failure is not reported.
    """

    status: Literal[JobStatus.FAILED, JobStatus.TIMED_OUT]
    error: str
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """running -> the status before the claim; the attempt does not count.

    `is_suspect`: the worker of an earlier attempt died, and none has ended by itself since.
    """

    is_suspect: bool = False


Transition = Succeed | Retry | Fail | Release | SnoozeFor
