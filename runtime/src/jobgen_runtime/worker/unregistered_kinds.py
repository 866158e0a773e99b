"""Log job tables with waiting jobs that nothing runs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.control import REGISTER, fetch_unregistered_kinds
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord

log = logging.getLogger("jobgen.worker")

CALLS_PER_CHECK = 3


class UnregisteredKinds:
    """Log each job table once whose jobs wait although nothing runs them."""

    def __init__(self, registered: Sequence[type[Job[Any]]]) -> None:
        """Prepare for all job classes of the project; without any, do nothing."""
        records = [job.record for job in registered]
        self._tables = [each.__table__ for each in records if issubclass(each, JobRecord)]
        self._calls = 0
        self._reported: set[str] = set()

    async def report(self, conn: AsyncConnection[Any]) -> None:
        """Look for such tables at the first call, and at every CALLS_PER_CHECK-th.

        Raises:
            psycopg.Error: The connection broke.
        """
        self._calls += 1
        if not self._tables or self._calls % CALLS_PER_CHECK != 1:
            return
        try:
            found = await fetch_unregistered_kinds(conn, self._tables)
        except Error:
            # A table is locked or was dropped meanwhile; the next check may find more.
            if conn.closed:
                raise
            return
        self._reported.intersection_update(kind.table_name for kind in found)
        for kind in found:
            if kind.table_name not in self._reported:
                self._reported.add(kind.table_name)
                log.warning("%s %s", kind.problem, REGISTER)
