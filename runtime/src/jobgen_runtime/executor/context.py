"""Which job the code that runs just now belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID


@dataclass(slots=True)
class JobContext:
    """What log lines say of the job they come from."""

    job: str
    id: UUID
    attempt: int

    def __str__(self) -> str:
        return f"{self.job} {self.id} attempt {self.attempt}"


current_job: ContextVar[JobContext | None] = ContextVar("current_job", default=None)


@contextmanager
def about(context: JobContext) -> Iterator[None]:
    """What is logged within is about that job."""
    token = current_job.set(context)
    try:
        yield
    finally:
        current_job.reset(token)
