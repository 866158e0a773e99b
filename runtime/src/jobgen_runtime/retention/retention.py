"""Delete old jobs in a thread that leaves the database most of its time.

It has its own connection and thread, so that it delays no claim, completion or heartbeat. A worker
whose kinds keep all jobs has neither.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.rejections import failure_reason
from jobgen_runtime.database.sessions import set_timeouts
from jobgen_runtime.database.worker_connection import abort_connection
from jobgen_runtime.database.worker_sessions import open_worker_session_sync
from jobgen_runtime.retention.table_retention import (
    RETRY_SECONDS,
    RetentionTarget,
    TableRetention,
)
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

SHARE = 0.05
"""The share of the time that statements may take. A busy database takes longer for each, and so
gets longer pauses."""

LONGEST_PAUSE = 60.0
"""Seconds between two statements of a search, at most."""


class Retention:
    """Delete the old jobs of tables until stopped.

    Of several workers, the one that has the lock of a table deletes its jobs. The others ask for it
    from time to time, and have no connection meanwhile.
    """

    def __init__(self, conninfo: str, targets: Sequence[RetentionTarget]) -> None:
        """Prepare to look after `targets`.

        Args:
            conninfo: The result of `worker_conninfo`.
            targets: The tables; none to do nothing at all.
        """
        self._conninfo = conninfo
        self._targets = targets
        self._tables: list[TableRetention] = []
        self._conn: Connection[Any] | None = None
        self._owns_session = False
        self._is_failure_logged = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Start the thread, if there is anything to look after."""
        if self._targets:
            # Workers that start together do not ask for the lock together.
            self._tables = [TableRetention(target, due_at=now()) for target in self._targets]
            for table in self._tables:
                table.due_at += table.interval * random.random()  # noqa: S311 -- spreads load
            self._thread.start()

    def request_stop(self) -> None:
        """Let the thread end after its current statement."""
        self._stopping.set()

    def stop(self, *, timeout: float) -> None:
        """End the thread and close its connection.

        Args:
            timeout: Seconds to wait for a statement. Later it is aborted: the server ends it.
        """
        self.request_stop()
        if self._thread.is_alive():
            self._thread.join(timeout)
            abort_connection(self._conn)
            self._thread.join(timeout)

    def fileno(self) -> int:
        """Return the file descriptor of the open connection, or -1."""
        conn = self._conn
        return -1 if conn is None or conn.closed else conn.fileno()

    def _run(self) -> None:
        pause = 0.0
        while True:
            table = min(self._tables, key=lambda table: table.due_at)
            if self._stopping.wait(max(pause, table.due_at - now(), 0)):
                break
            started = now()
            try:
                self._step(table)
            except (Error, OSError) as error:
                self._report_failure(error)
                self._close()
                for each in self._tables:
                    each.due_at = max(each.due_at, now() + RETRY_SECONDS)
            except Exception:
                # Old jobs must not end the worker.
                log.exception("deleting old jobs failed with an internal error")
                self._close()
                table.due_at = now() + RETRY_SECONDS
            pause = min((now() - started) * (1 / SHARE - 1), LONGEST_PAUSE)
        for table in self._tables:
            table.log_deleted()
        self._close()

    def _step(self, table: TableRetention) -> None:
        if self._conn is None or self._conn.closed:
            self._close()
            self._conn, self._owns_session = open_worker_session_sync(self._conninfo)
            if self._owns_session:
                self._conn.execute(read("worker_session").encode())
                set_timeouts(self._conn)
        table.step(self._conn, owns_session=self._owns_session)
        self._is_failure_logged = False
        if not any(each.holds_lock for each in self._tables) and table.due_at > now():
            self._close()

    def _close(self) -> None:
        conn, self._conn = self._conn, None
        for table in self._tables:
            table.forget_session()
        if conn is not None:
            with suppress(Error, OSError):
                conn.close()

    def _report_failure(self, error: Exception) -> None:
        level = logging.DEBUG if self._is_failure_logged else logging.WARNING
        self._is_failure_logged = True
        log.log(
            level,
            "the database does not answer, so old jobs are not deleted: %s",
            failure_reason(error),
        )
