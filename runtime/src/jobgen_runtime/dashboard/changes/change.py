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

_DONE = {
    Right.CREATE: "created",
    Right.RETRY: "retried",
    Right.CANCEL: "cancelled",
    Right.DELETE: "deleted",
}


@dataclass(frozen=True)
class Change:
    """What a visitor has done to a job."""

    visitor: Visitor
    right: Right
    """What was done: CREATE, RETRY, CANCEL or DELETE."""

    table: str
    """The job's table, as in the dashboard's addresses."""

    job_id: UUID | None
    """The job; None for a new one of a custom `create_new_job` that does not return the id."""

    request: Request
    conn: AsyncConnection[Any]
    """The connection, in the transaction of the change."""

    def log(self) -> None:
        """Log the change once it is committed.

        A warning, because these are written even where logging is not configured.
        """
        client = self.request.client.host if self.request.client else "unknown"
        log.warning(
            "%s %s was %s in the dashboard by %r, client %s",
            self.table,
            self.job_id or "(a new job)",
            _DONE[self.right],
            self.visitor.name,
            client,
        )


Audit: TypeAlias = Callable[[Change], Awaitable[None]]
"""Called for each change before it is committed. If it raises, nothing is changed."""
