"""Register a worker, and make sure that its row can be renewed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.errors import UniqueViolation

from jobgen_runtime.heartbeat.registry import DeadWorker, WorkerRegistry

log = logging.getLogger("jobgen.worker")

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 60.0
"""Before another attempt to register; the delay doubles with each attempt."""

ROW_NOT_FOUND = (
    "the row that this worker inserted into job_workers cannot be found: row security or a trigger "
    "of job_workers hides, changes or suppresses it"
)


class Registration:
    """Attempts to register under one id, so that failed ones leave one row at most."""

    def __init__(self, registry: WorkerRegistry, on_problem: Callable[[str | None], None]) -> None:
        """Prepare to register.

        Args:
            registry: The workers' rows.
            on_problem: Called with the reason when an attempt has failed, and with None when one
                has succeeded.
        """
        self._registry = registry
        self._on_problem = on_problem
        self._worker_id: UUID | None = None
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._retry_at = 0.0

    def attempt(self, conn: Connection[Any], now: float) -> tuple[UUID, list[DeadWorker]] | None:
        """Insert the worker's row and renew it; leave it alone for a while after a failed attempt.

        Returns:
            The worker's id, and the workers that its first heartbeat has declared dead; None if it
            is not registered.

        Raises:
            psycopg.Error: The database refuses a statement, or the connection broke.
        """
        if now < self._retry_at:
            return None
        is_first = self._worker_id is None
        worker_id = self._worker_id or uuid4()
        # The row of an earlier attempt may be there, and visible by now.
        with suppress(UniqueViolation):
            self._registry.register(conn, worker_id)
        self._worker_id = worker_id
        dead = self._registry.renew(conn, worker_id)
        if dead is None:
            self._retry_at = now + self._retry_seconds
            self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)
            self._on_problem(ROW_NOT_FOUND)
            if is_first:
                log.error(
                    "cannot register this worker, so it claims no jobs: %s; trying again, "
                    "after %g s at most",
                    ROW_NOT_FOUND,
                    LONGEST_RETRY_SECONDS,
                )
            return None
        if not is_first:
            log.info("registered: claiming jobs")
        self._worker_id, self._retry_seconds = None, FIRST_RETRY_SECONDS
        self._on_problem(None)
        return worker_id, dead
