"""The connection over which a process learns of the ends of jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection, Error
from psycopg.conninfo import make_conninfo
from psycopg.rows import BaseRowFactory, scalar_row, tuple_row

from jobgen_runtime.contract.descriptors import redirect_to_null
from jobgen_runtime.database import Statement, fetch_rows_sync
from jobgen_runtime.database.adapters import OwnCursor
from jobgen_runtime.database.sessions import detect_own_session_sync
from jobgen_runtime.database.worker_sessions import liveness_parameters
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, compose, quote_text

log = logging.getLogger("jobgen.waits")

T = TypeVar("T")


class WaitConnection:
    """A connection in autocommit mode that listens, if it has its session to itself.

    Every method that sends a statement raises psycopg.Error or OSError.

    Args:
        address: The database's address.
        on_end: Called with the name of a table of which a job has ended.

    Attributes:
        is_open: Whether the connection is open.
    """

    def __init__(self, address: str, on_end: Callable[[str], None]) -> None:
        self._address = address
        self._on_end = on_end
        self._conn: Connection[Any] | None = None
        self._owns_session = False
        self._numbers: dict[str, str] = {}
        """What identifies each attended table in notifications, by the table's name."""

    @property
    def is_open(self) -> bool:
        """Whether the connection is open, as far as is known."""
        return self._conn is not None and not self._conn.closed

    def open(self) -> None:
        """Open the connection, and listen if its session is not lent by a pooler."""
        more = liveness_parameters(self._address)
        conn = Connection.connect(
            make_conninfo(self._address, **more, fallback_application_name="jobgen waits"),
            autocommit=True,
            client_encoding="utf8",
        )
        try:
            self._numbers = {}
            self._owns_session = detect_own_session_sync(conn)
            if self._owns_session:
                conn.execute(read("wait_session").encode())
            conn.add_notify_handler(lambda notification: self._pass_on(notification.payload))
        except BaseException:
            conn.close()
            raise
        self._conn = conn

    def attend(self, table: Table) -> bool:
        """Make the ends of a table's jobs notify, and return whether they do."""
        name = table.sql_name
        if self._owns_session and name not in self._numbers:
            with OwnCursor(self._use(), row_factory=scalar_row) as cursor:
                cursor.execute(compose(table, "attend_ends"), {})
                if (number := cursor.fetchone()) is not None:
                    self._numbers[name] = number
        return name in self._numbers

    def stop_attending(self, names: set[str]) -> None:
        """Let the ends of all attended tables' jobs but these commit without a notification."""
        for name in self._numbers.keys() - names:
            with OwnCursor(self._use()) as cursor:
                cursor.execute(
                    read("stop_attending_ends").encode(), {"table": self._numbers.pop(name)}
                )

    def find_ended(self, table: Table, jobs: Sequence[UUID]) -> tuple[set[UUID], set[UUID]]:
        """Return those of the jobs that have ended, and those that are gone."""
        with OwnCursor(self._use(), row_factory=tuple_row) as cursor:
            cursor.execute(compose(table, "ended_jobs"), {"ids": list(jobs)})
            found = cursor.fetchall()
        gone = {job for job, is_gone in found if is_gone}
        return {job for job, _ in found} - gone, gone

    def fetch(self, table: Table, rows: BaseRowFactory[T], jobs: Sequence[UUID]) -> list[T]:
        """Return the rows of these jobs, as the pool's connections read them.

        Raises:
            Exception: What the row factory raises for a row that it cannot read.
        """
        listed = quote_text(f"{{{','.join(job.hex for job in jobs)}}}")
        query = compose(table, "jobs_by_id", listed=listed)
        return fetch_rows_sync(self._use(), [Statement(query, {})], rows)

    def receive(self) -> None:
        """Pass on the notifications that have arrived."""
        pgconn = self._use().pgconn
        pgconn.consume_input()
        while notification := pgconn.notifies():
            self._pass_on(notification.extra.decode())

    def fileno(self) -> int:
        """Return the descriptor of the open connection.

        Raises:
            psycopg.OperationalError: It is closed.
        """
        return self._use().fileno()

    def close(self) -> None:
        """Close the connection."""
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(Error, OSError):
                conn.close()

    def leave_to_parent(self) -> None:
        """Make sure that nothing this forked process does reaches the session."""
        if self._conn is not None:
            redirect_to_null([self._conn])

    def _pass_on(self, number: str) -> None:
        for name, attended in self._numbers.items():
            if attended == number:
                self._on_end(name)

    def _use(self) -> Connection[Any]:
        assert self._conn is not None  # noqa: S101 -- `open` is called first
        return self._conn
