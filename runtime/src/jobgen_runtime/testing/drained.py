"""What a drain has run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, overload
from uuid import UUID

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.error_summary import error_summary
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord


@dataclass(frozen=True, slots=True)
class DrainedJob:
    """One attempt that a drain has run.

    Attributes:
        job: The job's class.
        id: The job's id.
        attempt: Which attempt it was, from 1.
        outcome: How the attempt ended.
        retry_in: After which time the job is due again; None if it has ended.
        error: What `perform` raised; None if it returned, or was not called.
        record: The record that `perform` was called with; None if its row could not be read.
        last_error: What the row has as `last_error`; empty without an error.
    """

    job: type[Job[Any]]
    id: UUID
    attempt: int
    outcome: AttemptOutcome
    retry_in: timedelta | None = None
    error: BaseException | None = field(default=None, repr=False)
    record: JobRecord | None = field(default=None, repr=False)
    last_error: str = field(default="", repr=False)

    def __str__(self) -> str:
        text = f"{self.job.__name__} {self.id}: {self.outcome.value.replace('_', ' ')}"
        if self.last_error:
            text += f" ({error_summary(self.last_error)})"
        if self.retry_in is not None:
            text += f", due again in {duration_text(self.retry_in)}"
        return text


class Drained(Sequence[DrainedJob]):
    """The attempts that a drain has run, in order."""

    def __init__(self, jobs: Sequence[DrainedJob] = ()) -> None:
        self._jobs = list(jobs)

    @overload
    def __getitem__(self, index: int) -> DrainedJob: ...
    @overload
    def __getitem__(self, index: slice) -> Drained: ...
    def __getitem__(self, index: int | slice) -> DrainedJob | Drained:
        """Return an attempt, or several."""
        return Drained(self._jobs[index]) if isinstance(index, slice) else self._jobs[index]

    def __len__(self) -> int:
        return len(self._jobs)

    def of(self, kind: type[Job[Any]] | type[JobRecord]) -> Drained:
        """Return the attempts of one kind, given by its job class or its record."""
        return Drained([each for each in self._jobs if kind in (each.job, each.job.record)])

    def count(self, value: object) -> int:
        """Return how many attempts ended with an outcome, given as such or as its name."""
        if isinstance(value, DrainedJob):
            return self._jobs.count(value)
        return sum(value in (each.outcome, each.outcome.value) for each in self._jobs)

    @property
    def succeeded(self) -> int:
        """Return how many attempts succeeded."""
        return self.count(AttemptOutcome.SUCCEEDED)

    @property
    def failed(self) -> int:
        """Return how many attempts failed or timed out, whether they are retried or not."""
        return self.count(AttemptOutcome.FAILED) + self.count(AttemptOutcome.TIMED_OUT)

    def __repr__(self) -> str:
        return "\n".join([f"{len(self)} drained:", *(f"  {each}" for each in self._jobs)])
