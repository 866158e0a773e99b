"""The context of a running attempt, which the job's code can read."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID


class TransactionState(Enum):
    """The state of the transaction that the job opened with `transaction()`."""

    NONE = auto()
    OPEN = auto()
    COMMITTED = auto()


class StopReason(Enum):
    """Why a running attempt was asked to stop."""

    TIMEOUT = "timeout"
    SHUTDOWN = "shutdown"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Fence:
    """The values that a row must still hold for a claim to be valid.

    All rows of one claim share them.
    """

    worker: UUID
    locked_at: str


@dataclass(slots=True, eq=False)
class JobContext:
    """The attempt that runs: its job, its claim, and the state of its transaction.

    Picklable, so that it can be sent to the process that runs the attempt.

    Attributes:
        job: The name of the job class.
        table: The qualified name of the job table.
        run_at: When the attempt was due; None where that is not known.
        claimed_at: When it was claimed, by the database's clock; None where that is not known.
        max_attempts: How many attempts the job has; None where that is not known.
        recorded_wait: The seconds from the claim to the attempt's start, if the kind keeps its
            attempts; None if it does not.
        has_locked_row: Whether the open transaction has updated the job's row.
        stop_reason: Why the attempt was asked to stop; None if it was not.
    """

    job: str
    table: str
    id: UUID
    attempt: int
    fence: Fence
    run_at: datetime | None = None
    claimed_at: datetime | None = None
    max_attempts: int | None = None
    state: TransactionState = TransactionState.NONE
    recorded_wait: float | None = None
    has_locked_row: bool = False
    stop_reason: StopReason | None = None

    def __str__(self) -> str:
        return f"{self.job} {self.id} attempt {self.attempt}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of a statement about the job that is fenced by its claim."""
        return {"worker": self.fence.worker, "id": self.id, "locked_at": self.fence.locked_at}


current_job: ContextVar[JobContext | None] = ContextVar("current_job", default=None)
"""The attempt that the current code belongs to; None outside of jobs."""
