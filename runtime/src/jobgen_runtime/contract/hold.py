"""What a running job knows of its own claim."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import UUID


class HoldState(Enum):
    """How far the job's own transaction has come."""

    FREE = auto()
    OPEN = auto()
    COMMITTED = auto()


@dataclass(frozen=True, slots=True)
class Fence:
    """What a row must still say for a claim of it to hold; the same for all that came together."""

    worker: UUID
    locked_at: str


@dataclass(slots=True, eq=False)
class Hold:
    """A claim while its `perform` runs. It can be sent to the process that runs it.

    `job` is its class's name. `success` with `parameters` is the fenced statement that ends it, and
    returns a row unless the claim was lost.
    """

    job: str
    table: str
    id: UUID
    attempt: int
    fence: Fence
    success: bytes
    state: HoldState = HoldState.FREE

    def __str__(self) -> str:
        return f"{self.job} {self.id} attempt {self.attempt}"

    @property
    def parameters(self) -> dict[str, Any]:
        """What `success` takes."""
        return {
            "worker": self.fence.worker,
            "ids": [self.id],
            "locked_at": [self.fence.locked_at],
        }


current_hold: ContextVar[Hold | None] = ContextVar("current_hold", default=None)
"""The claim of the job that the code that runs just now belongs to."""
