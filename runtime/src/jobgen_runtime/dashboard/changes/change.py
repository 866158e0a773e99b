"""`Change`: what a visitor has done to a job, for the log and for the application's `audit`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from starlette.requests import Request

from jobgen_runtime.dashboard.access.visitor import Right, Visitor

log = logging.getLogger("jobgen.dashboard")


@dataclass(frozen=True)
class Change:
    """What a visitor has done to a job or to a kind."""

    visitor: Visitor
    right: Right
    """The right that this needed: CREATE, RETRY, CANCEL, DELETE or PAUSE."""

    done: str
    """What was done: "created", "retried", "rescheduled", "cancelled", "deleted", "paused" or
    "resumed"; of a schedule "paused (schedule 'nightly')", and so for "resumed", "removed", "added"
    and "changed"."""

    table: str
    """The kind's table, as in the dashboard's addresses."""

    job_id: UUID | None
    """The job; None for a kind that was paused or resumed, for a schedule, and for a new job of a
    custom `create_new_job` that does not return the id."""

    request: Request
    conn: AsyncConnection[Any]
    """The connection, in the transaction of the change."""

    schedule: str | None = None
    """The name of the schedule that was changed; None for a job or a kind."""

    def log(self) -> None:
        """Log the change once it is committed.

        A warning, because these are written even where logging is not configured.
        """
        client = self.request.client.host if self.request.client else "unknown"
        done = self.done.removesuffix(in_brackets(self.schedule))
        log.warning(
            "%s was %s in the dashboard by %r, client %s",
            self._subject(),
            done,
            self.visitor.name,
            client,
        )

    def _subject(self) -> str:
        if self.schedule is not None:
            return f"schedule {self.schedule!r} of {self.table}"
        if self.job_id is not None:
            return f"{self.table} {self.job_id}"
        return f"{self.table} (a new job)" if self.right is Right.CREATE else self.table


def in_brackets(schedule: str | None) -> str:
    """Return what `done` ends with for a change of a schedule."""
    return "" if schedule is None else f" (schedule {schedule!r})"


Audit: TypeAlias = Callable[[Change], Awaitable[None]]
"""Called for each change before it is committed. If it raises, nothing is changed."""
