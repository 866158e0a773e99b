"""What becomes of a job's row after a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from jobgen_runtime.contract.statuses import JobStatus


@dataclass(frozen=True, slots=True)
class Succeed:
    """running -> succeeded."""


@dataclass(frozen=True, slots=True)
class Retry:
    """running -> retry, due `delay` from now by the database's clock."""

    error: str
    delay: timedelta


@dataclass(frozen=True, slots=True)
class End:
    """running -> failed or timed out, for good."""

    status: Literal[JobStatus.FAILED, JobStatus.TIMED_OUT]
    error: str


@dataclass(frozen=True, slots=True)
class PutBack:
    """running -> what it was before the claim: the attempt does not count."""


@dataclass(frozen=True, slots=True)
class Postpone:
    """running -> retry, due `delay` from now, and the attempt does not count."""

    delay: timedelta


Transition = Succeed | Retry | End | PutBack | Postpone
