"""What a job's code, its hooks and its libraries can ask about the attempt that runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from jobgen_runtime.contract.context import JobContext, current_job


@dataclass(frozen=True, slots=True)
class CurrentAttempt:
    """The attempt that the current code belongs to.

    Attributes:
        kind: The name of the job class.
        table: The qualified name of the job table.
        id: The job's id.
        attempt: The number of the attempt; 1 for the first.
        queue_delay: The time from the job's `run_at` until a worker claimed it.
        max_attempts: How many attempts the job has; None where that is not known.
        stop_reason: Why the attempt was asked to stop until now: "timeout", "shutdown" or "cancel";
            None if it was not.
    """

    kind: str
    table: str
    id: UUID
    attempt: int
    queue_delay: timedelta
    max_attempts: int | None = None
    stop_reason: str | None = None

    @property
    def is_last(self) -> bool:
        """Whether no attempt follows if this one fails."""
        return self.max_attempts is not None and self.attempt >= self.max_attempts


def current_attempt() -> CurrentAttempt:
    """Return the attempt that the current code belongs to.

    Raises:
        LookupError: The current code does not belong to a job.
    """
    context = current_job.get()
    if context is None:
        raise LookupError(
            "No job runs here. Call current_attempt() in perform, in a hook, or in what they call; "
            "a thread that they start must run its code with contextvars.copy_context().run."
        )
    return CurrentAttempt(
        context.job,
        context.table,
        context.id,
        context.attempt,
        _queue_delay(context),
        context.max_attempts,
        None if context.stop_reason is None else context.stop_reason.value,
    )


def _queue_delay(context: JobContext) -> timedelta:
    if context.claimed_at is None or context.run_at is None:
        return timedelta(0)
    return max(context.claimed_at - context.run_at, timedelta(0))
