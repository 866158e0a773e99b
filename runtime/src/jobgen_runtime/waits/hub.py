"""One thread and one connection for all that a process waits for."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from psycopg import Error

from jobgen_runtime.contract.descriptors import redirect_to_null
from jobgen_runtime.database.rejections import failure_reason
from jobgen_runtime.waits.rounds import Rounds, Waits
from jobgen_runtime.waits.wait import Wait

log = logging.getLogger("jobgen.waits")

IDLE_SECONDS = 10.0
"""How long the thread and its connection are kept after the last wait."""

_FIRST_RETRY_DELAY = 0.1
_LONGEST_RETRY_DELAY = 5.0
"""Seconds between two attempts to connect; the delay doubles with each attempt."""


class WaitHub:
    """The waits of a process for jobs of one database.

    Callers add and remove waits. A thread, which runs only while there are any, looks for the ends
    of their jobs. An event loop's task would be lost with its loop, and would stand still with it.

    Args:
        address: The database's address.
    """

    def __init__(self, address: str) -> None:
        # A wait that is dropped by garbage collection is removed in any thread, also in this one.
        self._lock = threading.RLock()
        self._waits: set[Wait[Any]] = set()
        self._tables = Counter[str]()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._rounds = Rounds(address)
        self._retry_delay = _FIRST_RETRY_DELAY
        self._failure: str | None = None
        self._waker, self._woken = socket.socketpair()
        for end in (self._waker, self._woken):
            end.setblocking(False)

    def add(self, wait: Wait[Any]) -> None:
        """Begin a wait."""
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="job waits", daemon=True)
                thread.start()
                self._thread = thread
            self._waits.add(wait)
            self._tables[wait.table.sql_name] += 1
        self._wake()

    def remove(self, wait: Wait[Any]) -> None:
        """Take a wait back, ended or not."""
        with self._lock:
            if wait not in self._waits:
                return
            self._waits.remove(wait)
            self._tables[wait.table.sql_name] -= 1
            is_last_of_table = not self._tables[wait.table.sql_name]
        if is_last_of_table:
            # The table's ends need not notify any more.
            self._wake()

    def close(self, *, timeout: float) -> None:
        """End the thread and close the connection.

        Args:
            timeout: Seconds to wait for a statement in progress.
        """
        self._is_closed = True
        thread = self._thread
        self._wake()
        if thread is not None:
            thread.join(timeout)

    def leave_to_parent(self) -> None:
        """Make sure that nothing this forked process does reaches the connection."""
        self._rounds.connection.leave_to_parent()
        redirect_to_null([self._waker, self._woken])

    def _wake(self) -> None:
        # If the buffer is full, the thread wakes anyway.
        with suppress(BlockingIOError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        idle_until: float | None = None
        while True:
            with self._lock:
                for wait in [wait for wait in self._waits if wait.is_abandoned]:
                    self.remove(wait)
                # What has a result is removed once its caller runs again.
                waits = [wait for wait in self._waits if not wait.result.done()]
                now = time.monotonic()
                idle_until = None if waits else idle_until or now + IDLE_SECONDS
                if self._is_closed or (idle_until is not None and now >= idle_until):
                    # Under the lock, so that `add` starts another thread.
                    self._rounds.connection.close()
                    self._thread = None
                    return
            seconds = self._round(waits)
            self._sleep(seconds if idle_until is None else idle_until - now)

    def _round(self, waits: Waits) -> float:
        """Look for the ends of jobs, and return for how many seconds to sleep."""
        try:
            seconds = self._rounds.run(waits)
        except (Error, OSError) as error:
            if waits:
                self._log_outage(failure_reason(error))
            return self._reconnect_later()
        except Exception as error:  # what waits must not wait for ever
            log.exception("waiting for jobs failed")
            for wait in waits:
                wait.fail(error)
            return self._reconnect_later()
        if self._rounds.connection.is_open:
            if self._failure is not None:
                log.warning("the database answers again")
            self._failure, self._retry_delay = None, _FIRST_RETRY_DELAY
        return seconds

    def _log_outage(self, reason: str) -> None:
        """Log why no ends can be found, each reason once."""
        if reason != self._failure:
            log.warning("cannot look for the ends of jobs: %s", reason)
        self._failure = reason

    def _reconnect_later(self) -> float:
        """Close the connection, and return in how many seconds to open another."""
        self._rounds.connection.close()
        delay = self._retry_delay
        self._retry_delay = min(2 * delay, _LONGEST_RETRY_DELAY)
        return delay

    def _sleep(self, seconds: float) -> None:
        """Wait for a notification, or for a wait that is added or removed."""
        connection = self._rounds.connection
        with selectors.DefaultSelector() as selector, suppress(Error, OSError, ValueError):
            selector.register(self._woken, selectors.EVENT_READ)
            if connection.is_open:
                selector.register(connection, selectors.EVENT_READ)
            selector.select(seconds)
        with suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass
