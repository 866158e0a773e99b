"""What the thread of `WaitHub` does in a round: look for the ends of jobs over its connection."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Error, OperationalError

from jobgen_runtime.contract.states import ENDED
from jobgen_runtime.waits.connection import WaitConnection
from jobgen_runtime.waits.wait import JobGone, Wait

NOTIFIED_INTERVAL = 0.05
"""Seconds between two looks at a table whose jobs end one after another."""

_FETCHED_AT_ONCE = 100
"""Rows of one statement, which may be large."""

Waits = Sequence[Wait[Any]]


class Rounds:
    """Look for the ends of jobs: after a notification, and when a look of a wait is due.

    Args:
        address: The database's address.
    """

    def __init__(self, address: str) -> None:
        self._notified: set[str] = set()
        """The tables of which a job has ended since they were last looked at."""
        self.connection = WaitConnection(address, self._notified.add)
        self._looked_at: dict[str, float] = {}
        """When each table was last looked at because of a notification."""

    def run(self, waits: Waits) -> float:
        """Set the results of waits whose jobs have ended.

        Returns:
            In how many seconds the next look is due.

        Raises:
            psycopg.Error, OSError: The connection is lost, or cannot be opened.
        """
        if not self.connection.is_open:
            if not waits:
                return 0.0
            self.connection.open()
        self.connection.receive()
        kinds = _by_kind(waits)
        tables = {of_kind[0].table.sql_name for of_kind in kinds}
        self.connection.stop_attending(tables)
        self._notified &= tables
        now = time.monotonic()
        ready = {name for name in self._notified if now >= self._ready_at(name)}
        # A notification that arrives from now on asks for another look.
        self._notified -= ready
        self._looked_at |= dict.fromkeys(ready, now)
        for of_kind in kinds:
            self._look(of_kind, now, is_notified=of_kind[0].table.sql_name in ready)
        return self._seconds_to_next_look(waits)

    def _look(self, of_kind: Waits, now: float, *, is_notified: bool) -> None:
        """Look for the ends of jobs of one kind."""
        try:
            is_attended = self.connection.attend(of_kind[0].table)
            is_due = any(now >= wait.schedule.due_at for wait in of_kind)
            scheduled = [wait for wait in of_kind if is_due and wait.schedule.is_due(now)]
            for wait in scheduled:
                wait.schedule.looked(now, is_notified=is_attended)
            if looked_for := of_kind if is_notified else scheduled:
                self._set_results(looked_for)
        except OperationalError:
            # A timeout or a lock is no reason to give up: the next look may succeed.
            if not self.connection.is_open:
                raise
        except Error as error:
            if not self.connection.is_open:
                raise
            for wait in of_kind:
                wait.fail(error)

    def _set_results(self, waits: Waits) -> None:
        table, rows = waits[0].table, waits[0].rows
        by_job: dict[UUID, list[Wait[Any]]] = {}
        for wait in waits:
            by_job.setdefault(wait.job, []).append(wait)
        ended, gone = self.connection.find_ended(table, list(by_job))
        for job in gone:
            for wait in by_job[job]:
                wait.fail(JobGone())
        jobs = list(ended)
        for start in range(0, len(jobs), _FETCHED_AT_ONCE):
            batch = jobs[start : start + _FETCHED_AT_ONCE]
            try:
                found = self.connection.fetch(table, rows, batch)
            except (Error, OSError):
                raise
            except Exception:  # noqa: BLE001 -- each row is read alone, and fails alone
                found = self._fetch_one_by_one(batch, by_job)
            for row in found:
                # An operator may have retried it since.
                if row.status in ENDED:
                    for wait in by_job[UUID(str(row.id))]:
                        wait.end(row)

    def _fetch_one_by_one(
        self, jobs: Sequence[UUID], by_job: dict[UUID, list[Wait[Any]]]
    ) -> list[Any]:
        found: list[Any] = []
        for job in jobs:
            [wait, *_] = waits = by_job[job]
            try:
                found += self.connection.fetch(wait.table, wait.rows, [job])
            except (Error, OSError):
                raise
            except Exception as error:  # noqa: BLE001 -- raised where the job is waited for
                for wait in waits:
                    wait.fail(error)
        return found

    def _ready_at(self, name: str) -> float:
        """Return when a table may be looked at because of a notification."""
        return self._looked_at.get(name, 0.0) + NOTIFIED_INTERVAL

    def _seconds_to_next_look(self, waits: Waits) -> float:
        due_at = [wait.schedule.due_at for wait in waits if not wait.result.done()]
        due_at += map(self._ready_at, self._notified)
        now = time.monotonic()
        return max(min(due_at, default=now) - now, 0.0)


def _by_kind(waits: Waits) -> list[list[Wait[Any]]]:
    """Return the waits of each record class; each has one row factory."""
    kinds: dict[tuple[str, int], list[Wait[Any]]] = {}
    for wait in waits:
        kinds.setdefault((wait.table.sql_name, id(wait.rows)), []).append(wait)
    return list(kinds.values())
