"""The connections of a worker, which are reopened when they break."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
from contextlib import suppress
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection, Connection, Error

from jobgen_runtime.database.rejections import connection_failure, failure_reason, is_rejection
from jobgen_runtime.database.timelines import timeline
from jobgen_runtime.database.worker_sessions import open_worker_session
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

FIRST_RETRY_DELAY = 0.2
LONGEST_RETRY_DELAY = 5.0
"""Seconds between two attempts to connect; the delay doubles with each attempt."""


def worker_session_settings(lease: timedelta) -> str:
    """Return the statements that set up a worker's session, for `WorkerConnection`.

    Args:
        lease: After how long without a heartbeat others may take over the worker's jobs. Until
            then a transaction of a worker that is frozen, or cut off, may keep its locks.
    """
    milliseconds = round(lease / timedelta(milliseconds=1))
    return f"{read('worker_session')};\nSET idle_in_transaction_session_timeout = {milliseconds}"


def abort_connection(conn: AsyncConnection[Any] | Connection[Any] | None) -> None:
    """Shut the connection's socket down, so that statements in any thread fail at once.

    TCP timeouts do not cover this: a proxy in between may accept bytes and never answer.
    """
    with suppress(Error, OSError):
        if conn is not None and not conn.closed:
            with socket.socket(fileno=os.dup(conn.fileno())) as connected:
                connected.shutdown(socket.SHUT_RDWR)


class WorkerConnection:
    """A connection in autocommit mode, which is reopened when it has broken.

    Args:
        conninfo: The result of `worker_conninfo`.
        settings: Further statements to run first in a session that it has to itself.
        quiet: Whether to log outages at DEBUG only, because another connection reports them.

    Attributes:
        owns_session: Whether the latest connection has its session to itself, with what it sets,
            locks and listens to. False behind a pooler, which lends the session to others.
        timeline: The timeline of the server that it is connected to; None if unknown.
        failure: Why the latest attempt to connect failed; None if it succeeded.
    """

    def __init__(self, conninfo: str, *, settings: str = "", quiet: bool = False) -> None:
        self.owns_session = False
        self.timeline: int | None = None
        self.failure: str | None = None
        self._conninfo = conninfo
        self._settings = settings
        self._level = logging.DEBUG if quiet else logging.WARNING
        self._conn: AsyncConnection[tuple[Any, ...]] | None = None

    @property
    def current(self) -> AsyncConnection[tuple[Any, ...]] | None:
        """Return the open connection, or None."""
        return None if self._conn is None or self._conn.closed else self._conn

    def fileno(self) -> int:
        """Return the file descriptor of the open connection, or -1."""
        return self._conn.fileno() if self._conn is not None and not self._conn.closed else -1

    async def connection(self, *, first: bool = False) -> AsyncConnection[tuple[Any, ...]]:
        """Return the open connection, and wait for the database as long as it takes.

        Args:
            first: Whether the worker is starting. A refusal is an error then; later it may be a
                temporary mistake of an administrator, which must not end the worker.

        Raises:
            NoDatabase: At the start, the server rejects the connection: a wrong password etc.
        """
        wait, logged = FIRST_RETRY_DELAY, ""
        while self._conn is None or self._conn.closed:
            try:
                self._conn, self.owns_session = await open_worker_session(self._conninfo)
                self.timeline = await timeline(self._conn)
                if self._settings and self.owns_session:
                    await self._conn.execute(self._settings.encode())
            except (Error, OSError) as error:
                await self.close()
                if first and is_rejection(error):
                    raise connection_failure(error) from error
                self.failure = line = failure_reason(error)
                # Each reason is logged once.
                level = logging.DEBUG if line == logged else self._level
                problem = "rejects the connection" if is_rejection(error) else "does not answer"
                log.log(level, "the database %s: %s", problem, line)
                logged = line
                await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 -- spreads load
                wait = min(2 * wait, LONGEST_RETRY_DELAY)
            else:
                self.failure = None
                if logged:
                    log.log(self._level, "the database answers again")
        return self._conn

    def abort(self) -> None:
        """Make statements on the connection fail at once; the next use opens another."""
        abort_connection(self._conn)

    async def close(self) -> None:
        """Close the connection; the next use opens another."""
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(Error, OSError):
                await conn.close()
