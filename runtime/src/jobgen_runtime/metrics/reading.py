"""Read the figures of all kinds in a thread, at most every few seconds, when somebody asks.

A scrape never executes a statement itself: it asks this thread, and waits for a moment. So it is
answered while the database is away, and many scrapes cost no more than one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from psycopg import Connection, Error

from jobgen_runtime.contract.clock import now
from jobgen_runtime.database.rejections import failure_reason
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.database.worker_connection import abort_connection
from jobgen_runtime.database.worker_sessions import open_worker_session_sync
from jobgen_runtime.metrics.figures import KindFigures, measure_kind
from jobgen_runtime.table import Table

log = logging.getLogger("jobgen.worker")

READ_EVERY_SECONDS = 5.0
"""Seconds between two readings, at least."""

SHARE = 0.05
"""The share of the time that readings may take: on a busy database, they become rarer."""

FIGURES_TIMEOUT = 2.0
"""Seconds that a scrape waits for a reading; then it answers with the one before."""

OUTDATED_SECONDS = 60.0
"""The age from which on figures are not reported any more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of all kinds that could be read, by the name of the kind."""

    read_at: float | None = None
    """When they were read, by `contract.clock`; None if they never were."""

    is_database_up: bool | None = None
    """Whether the database has answered; None if it has not been asked yet."""

    kinds: dict[str, KindFigures] = field(default_factory=dict)

    def at(self, time: float) -> Reading:
        """Return the reading as it holds at `time`: without figures that are too old."""
        is_outdated = self.read_at is not None and time - self.read_at > OUTDATED_SECONDS
        return Reading(self.read_at, is_database_up=False) if is_outdated else self

    @classmethod
    def of_message(cls, message: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` has made of a reading."""
        kinds = {name: KindFigures(**kind) for name, kind in message["kinds"].items()}
        return cls(message["read_at"], message["is_database_up"], kinds)


class FiguresReader:
    """A thread with a separate connection, both from the first request on."""

    def __init__(
        self,
        conninfo: str,
        tables: Mapping[str, Table],
        on_read: Callable[[Reading], object] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            conninfo: The result of `worker_conninfo`.
            tables: The table of each kind.
            on_read: Receives each reading in the thread; also one that failed.
        """
        self._conninfo = conninfo
        self._tables = tables
        self._on_read = on_read
        self._conn: Connection[Any] | None = None
        self._state = threading.Condition()
        self._is_wanted = False
        self._is_stopping = False
        self._next_at = 0.0
        self._reading = Reading()
        self._logged = dict[str, str]()
        self._thread: threading.Thread | None = None

    def request(self) -> None:
        """Let the thread read if it is time again, without waiting for it."""
        with self._state:
            if self._is_stopping or self._is_wanted:
                return
            if now() < self._next_at:
                self._report()
                return
            self._is_wanted = True
            self._state.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
                self._thread.start()

    def read(self) -> Reading:
        """Return figures of the last few seconds, or older ones if the database is slow."""
        self.request()
        with self._state:
            self._state.wait_for(lambda: not self._is_wanted, FIGURES_TIMEOUT)
            return self._reading.at(now())

    def stop(self, *, timeout: float) -> None:
        """End the thread and close its connection; abort a statement after `timeout` seconds."""
        with self._state:
            self._is_stopping, self._is_wanted = True, False
            self._state.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)
            abort_connection(self._conn)
            self._thread.join(timeout)

    def fileno(self) -> int:
        """Return the file descriptor of the open connection, or -1."""
        conn = self._conn
        return -1 if conn is None or conn.closed else conn.fileno()

    def _run(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._is_wanted or self._is_stopping)
                if self._is_stopping:
                    break
            started = now()
            reading = self._read_all()
            with self._state:
                took = now() - started
                self._reading = reading
                self._next_at = now() + max(READ_EVERY_SECONDS, took * (1 / SHARE - 1))
                self._is_wanted = False
                self._state.notify_all()
                self._report()
        self._close()

    def _report(self) -> None:
        if self._on_read is not None:
            self._on_read(self._reading)

    def _read_all(self) -> Reading:
        kinds: dict[str, KindFigures] = {}
        try:
            if self._conn is None or self._conn.closed:
                self._conn, _ = open_worker_session_sync(self._conninfo)
            for name, table in self._tables.items():
                try:
                    kinds[name] = measure_kind(self._conn, table)
                except Error as error:
                    if is_lost(self._conn, error):
                        raise
                    self._log_once(name, f"{name} cannot be measured", error)
                else:
                    self._logged.pop(name, None)
        except (Error, OSError) as error:
            self._close()
            self._log_once("", "the database does not answer, so metrics are incomplete", error)
            return Reading(now(), is_database_up=False)
        except Exception:
            # Metrics must not end the worker.
            log.exception("reading metrics failed with an internal error")
            self._close()
            return Reading(now(), is_database_up=None)
        self._logged.pop("", None)
        return Reading(now(), is_database_up=True, kinds=kinds)

    def _log_once(self, subject: str, problem: str, error: Exception) -> None:
        reason = failure_reason(error)
        level = logging.DEBUG if self._logged.get(subject) == reason else logging.WARNING
        self._logged[subject] = reason
        log.log(level, "%s: %s", problem, reason)

    def _close(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(Error, OSError):
                conn.close()
