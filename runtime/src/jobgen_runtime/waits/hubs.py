"""Begin a wait: find or create the hub of its database in this process."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TypeVar
from uuid import UUID

from psycopg.rows import BaseRowFactory

from jobgen_runtime.database.address import database_url, target_primary
from jobgen_runtime.table import Table
from jobgen_runtime.waits.hub import WaitHub
from jobgen_runtime.waits.wait import Wait

T = TypeVar("T")

_CLOSE_SECONDS = 1.0
"""How long the end of the process waits for a database that does not answer."""


class _Hubs:
    """The hubs of this process, one for each database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hubs: dict[str, WaitHub] = {}
        self._of_parent: list[WaitHub] = []
        """Kept, because closing their connections would end the parent's."""

    def get(self, address: str) -> WaitHub:
        with self._lock:
            if address not in self._hubs:
                self._hubs[address] = WaitHub(address)
            return self._hubs[address]

    def close(self) -> None:
        for hub in list(self._hubs.values()):
            hub.close(timeout=_CLOSE_SECONDS)

    def drop(self, address: str) -> None:
        with self._lock:
            hub = self._hubs.pop(address, None)
        if hub is not None:
            hub.close(timeout=_CLOSE_SECONDS)

    def leave_to_parent(self) -> None:
        self._lock = threading.Lock()
        for hub in self._hubs.values():
            hub.leave_to_parent()
        self._of_parent += self._hubs.values()
        self._hubs = {}


_hubs = _Hubs()
os.register_at_fork(after_in_child=_hubs.leave_to_parent)
atexit.register(_hubs.close)


def begin_wait(table: Table, rows: BaseRowFactory[T], job: UUID) -> Wait[T]:
    """Return a wait for the end of a job, which looks for it from now on.

    Call its `until_ended` or `until_ended_sync`.

    Args:
        table: The job's table.
        rows: The row factory of its record.
        job: The job's id.

    Raises:
        NoDatabase: No database is configured, or its address is invalid.
    """
    hub = _hubs.get(target_primary(database_url()))
    wait = Wait(table, rows, job, hub.remove)
    hub.add(wait)
    return wait


def drop_hub(url: str) -> None:
    """Close the connection over which this process waits for jobs of a database, if it has one."""
    _hubs.drop(target_primary(url))
