"""The worker's own connections, which are opened again whenever they break."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
from contextlib import suppress
from typing import Any

from psycopg import AsyncConnection, Connection, Error
from psycopg.conninfo import make_conninfo

from jobgen_runtime.contract import NoDatabase
from jobgen_runtime.database.address import parse_url
from jobgen_runtime.database.refusals import is_refusal
from jobgen_runtime.database.sessions import detect_own_session
from jobgen_runtime.database.timelines import timeline
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

FIRST_WAIT = 0.2
LONGEST_WAIT = 5.0
"""Seconds between two attempts to reach the database: doubled from the first to the longest."""

# A connection whose other end is gone without a word is noticed within half a minute.
_CAUTIOUS: dict[str, int | str] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    # A standby is no place to work: of several hosts the primary, and if there is none yet, later.
    "target_session_attrs": "read-write",
}


def worker_conninfo(url: str, *, role: str) -> str:
    """The address with timeouts where it says none, and a name for pg_stat_activity.

    Raises NoDatabase where it is no address.
    """
    given = parse_url(url)
    more = {key: value for key, value in _CAUTIOUS.items() if key not in given}
    return make_conninfo(url, **more, application_name=f"run-jobs {role}")


def worker_session_settings() -> str:
    """Return the statements that set up a worker's session, for `WorkerConnection`."""
    return read("worker_session")


def abort_connection(conn: AsyncConnection[Any] | Connection[Any] | None) -> None:
    """Makes whatever waits on the connection fail now, in whichever thread.

    Between the two ends may stand what takes in bytes and never answers: no timeout of TCP helps.
    """
    with suppress(Error, OSError):
        if conn is not None and not conn.closed:
            with socket.socket(fileno=os.dup(conn.fileno())) as connected:
                connected.shutdown(socket.SHUT_RDWR)


class WorkerConnection:
    """A connection in autocommit mode, made anew when it has broken.

    `settings` are carried out at its start, where the session keeps it.
    """

    def __init__(self, conninfo: str, *, settings: str = "", quiet: bool = False) -> None:
        self.owns_session = False
        """Whether the latest connection keeps its session, with what it sets, locks and listens to.

        False behind a pooler, which may lend the session to others between two transactions.
        """
        self.timeline: int | None = None
        """That of the server which the latest connection goes to; None where it is not known."""
        self._conninfo = conninfo
        self._settings = settings
        # One of a process's links says that the database is away; that is enough.
        self._level = logging.DEBUG if quiet else logging.WARNING
        self._conn: AsyncConnection[tuple[Any, ...]] | None = None

    @property
    def current(self) -> AsyncConnection[tuple[Any, ...]] | None:
        """The connection, unless there is none that is whole."""
        return None if self._conn is None or self._conn.closed else self._conn

    async def connection(self, *, first: bool = False) -> AsyncConnection[tuple[Any, ...]]:
        """The connection, once there is one: waits for the database as long as it takes.

        `first`: raises NoDatabase where the server turns this worker away for good, as one with a
        wrong password. Later that may be repaired before anyone could start the worker again.
        """
        wait, said = FIRST_WAIT, ""
        while self._conn is None or self._conn.closed:
            try:
                self._conn = await AsyncConnection.connect(self._conninfo, autocommit=True)
                self.owns_session = await detect_own_session(self._conn)
                self.timeline = await timeline(self._conn)
                if self._settings and self.owns_session:
                    await self._conn.execute(self._settings.encode())
            except (Error, OSError) as error:
                await self.close()
                if first and is_refusal(error):
                    raise _refused(error) from error
                line = _first_line(error)
                # Each reason once.
                level = logging.DEBUG if line == said else self._level
                log.log(level, "the database does not answer: %s", line)
                said = line
                await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 -- spreads load
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                if said:
                    log.log(self._level, "the database answers again")
        return self._conn

    def abort(self) -> None:
        """What waits on the connection fails now; the next use opens another."""
        abort_connection(self._conn)

    async def close(self) -> None:
        """Closes it; the next use opens another."""
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(Error, OSError):
                await conn.close()


def _refused(error: Exception) -> NoDatabase:
    return NoDatabase(
        f"The database turns this worker away: {_first_line(error)}",
        hint="See that the address is right (DATABASE_URL, or the project's own server: "
        "`jobgen postgres status`), and that the database and the role exist.",
    )


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
