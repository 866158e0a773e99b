"""Insert the jobs of schedules that are due, and move them on, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import UniqueViolation

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.control.scheduled_jobs import SKIPPED, value_columns
from jobgen_runtime.queue.refusals import refusal_reason
from jobgen_runtime.queue.row_errors import is_conflict, is_locked, is_outage
from jobgen_runtime.queue.schedules import Advance, DueSchedule, Schedules
from jobgen_runtime.schedule import InvalidSchedule, Recurrence
from jobgen_runtime.schedule.expressions import read_schedule
from jobgen_runtime.schedule.ticks import Decision, decide_ticks
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

SCHEDULES_AT_ONCE = 100
"""Schedules that one transaction moves on, at most."""

JOBS_AT_ONCE = 1000
"""Jobs that one transaction inserts, unless a single schedule has missed more ticks."""

SUPPRESSED = "A trigger or a row security policy of the table suppressed the INSERT."

Conn = AsyncConnection[Any]


class _Suppressed(Exception):
    """Fewer jobs were inserted than ticks were due."""


@dataclass(slots=True)
class _Run:
    """A schedule that is due, and what has become of its ticks."""

    due: DueSchedule
    decision: Decision
    error: str | None = None
    is_expected: bool = False
    """Whether the error is a unique index that holds back a job while another one is unfinished."""
    last: tuple[datetime, UUID] | None = None

    @property
    def advance(self) -> Advance:
        last_at, last_job_id = self.last or (None, None)
        return Advance(self.due.name, self.decision.next_at, last_at, last_job_id, self.error)


@dataclass(slots=True)
class Ticker:
    """Run the ticks of one table's schedules."""

    schedules: Schedules
    _logged: dict[str, str] = field(default_factory=dict)
    """The latest error of each schedule that was logged."""

    async def tick(self, conn: Conn) -> int:
        """Run the ticks of the first schedules that are due; return how many schedules these were.

        A job that the database refuses is recorded in the schedule's row, and holds up neither the
        other schedules nor the next tick.

        Raises:
            psycopg.Error: The connection broke, something is locked, or the server is out
                of a resource. Nothing has changed, and the ticks are still due.
        """
        async with conn.transaction():
            due = await self.schedules.lock_due(conn, limit=SCHEDULES_AT_ONCE)
            if not due:
                return 0
            runs = list(_bounded(map(_decide, due)))
            if any(run.decision.ticks for run in runs):
                # Else a deferred constraint would make the commit fail, for ever.
                await conn.execute(read("check_constraints_now").encode())
                if not await self._insert_together(conn, runs):
                    for run in runs:
                        await self._insert_alone(conn, run)
            await self.schedules.advance(conn, [run.advance for run in runs])
        for run in runs:
            self._log(run)
        return len(runs)

    async def _insert_together(self, conn: Conn, runs: Sequence[_Run]) -> bool:
        """Insert all jobs, with one statement for each set of columns; False if any is refused."""
        runs = sorted(runs, key=lambda run: value_columns(run.due.values))
        try:
            async with conn.transaction():
                for _, group in groupby(runs, key=lambda run: value_columns(run.due.values)):
                    jobs = [(run, tick) for run in group for tick in run.decision.ticks]
                    if jobs:
                        await self._insert_group(conn, jobs)
        except (Error, JobgenRuntimeError, _Suppressed) as error:
            _require_refusal(conn, error)
            for run in runs:
                run.last = None
            return False
        return True

    async def _insert_group(self, conn: Conn, jobs: Sequence[tuple[_Run, datetime]]) -> None:
        values, ticks = [run.due.values for run, _ in jobs], [tick for _, tick in jobs]
        ids = await self.schedules.insert(conn, values, ticks)
        if len(ids) != len(jobs):
            raise _Suppressed
        for (run, tick), job in zip(jobs, ids, strict=True):
            run.last = (tick, job)

    async def _insert_alone(self, conn: Conn, run: _Run) -> None:
        for tick in run.decision.ticks:
            try:
                async with conn.transaction():
                    ids = await self.schedules.insert(conn, [run.due.values], [tick])
            except (Error, JobgenRuntimeError) as error:
                _require_refusal(conn, error)
                run.error = refusal_reason(error) if isinstance(error, Error) else error.message
                run.is_expected = isinstance(error, UniqueViolation)
                if run.is_expected:
                    run.error = f"{SKIPPED}a unique index allows one such job. {run.error}"
            else:
                run.error, run.is_expected = (None if ids else SUPPRESSED), False
                if ids:
                    run.last = (tick, ids[0])

    def _log(self, run: _Run) -> None:
        name, table = run.due.name, self.schedules.table.qualified_name
        if run.last is not None:
            log.debug("schedule %r of %s: inserted %s", name, table, run.last[1])
        if run.error is None:
            self._logged.pop(name, None)
        elif self._logged.get(name) != run.error:
            self._logged[name] = run.error
            after = "it is not due again until it is changed"
            if run.decision.next_at is not None:
                after = f"next tick {run.decision.next_at.isoformat(' ', 'seconds')}"
            log.log(
                logging.INFO if run.is_expected else logging.WARNING,
                "schedule %r of %s could not insert its job (%s): %s",
                name,
                table,
                after,
                run.error,
            )


def _require_refusal(conn: Conn, error: Exception) -> None:
    """Raise the error unless it is about the job."""
    if isinstance(error, Error) and (
        conn.closed or is_locked(error) or is_conflict(error) or is_outage(error)
    ):
        raise error


def _bounded(runs: Iterator[_Run]) -> Iterator[_Run]:
    """Yield the first runs, as many as one transaction takes; the others stay due."""
    jobs = 0
    for run in runs:
        jobs += len(run.decision.ticks)
        if jobs > JOBS_AT_ONCE and jobs > len(run.decision.ticks):
            return
        yield run


# Many schedules may have the same rule: one for each tenant.
@lru_cache(maxsize=256)
def _read(expression: str, timezone: str, catch_up: str, catch_up_limit: int) -> Recurrence:
    options = {"catch_up": catch_up, "catch_up_limit": catch_up_limit}
    return read_schedule(expression, timezone, options)


def _decide(due: DueSchedule) -> _Run:
    """Return what to insert, or why the schedule is invalid: then it is not due again."""
    try:
        schedule = _read(due.expression, due.timezone, due.catch_up, due.catch_up_limit)
        return _Run(due, decide_ticks(schedule, due.due_at, due.now))
    except InvalidSchedule as error:
        reason = " ".join(filter(None, (error.message, error.hint)))
    except Exception as error:  # noqa: BLE001 -- one row must not end every worker
        reason = f"The next tick cannot be computed: {error!r}"
    return _Run(due, Decision((), None), reason)
