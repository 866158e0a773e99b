"""Insert the jobs of one schedule that is due, and move it on, in one transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error
from psycopg.errors import UniqueViolation

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.queue.refusals import refusal_reason
from jobgen_runtime.queue.row_errors import is_conflict, is_locked, is_outage
from jobgen_runtime.queue.schedules import DueSchedule, Schedules
from jobgen_runtime.schedule import InvalidSchedule
from jobgen_runtime.schedule.expressions import read_schedule
from jobgen_runtime.schedule.ticks import Decision, decide_ticks
from jobgen_runtime.sql import read

log = logging.getLogger("jobgen.worker")

SUPPRESSED = "A trigger or a row security policy of the table suppressed the INSERT."

Conn = AsyncConnection[Any]


@dataclass(slots=True)
class _Result:
    """What became of the ticks that were due."""

    last: tuple[datetime, UUID] | None = None
    error: str | None = None
    is_expected: bool = False
    """Whether the error is a unique index that holds back a job while another one is unfinished."""


@dataclass(slots=True)
class Ticker:
    """Run the ticks of one table's schedules."""

    schedules: Schedules
    _logged: dict[str, str] = field(default_factory=dict)
    """The latest error of each schedule that was logged."""

    async def tick(self, conn: Conn) -> bool:
        """Run the ticks of one due schedule; return whether there was one.

        A job that the database refuses is recorded in the schedule's row, and does not hold up the
        next tick.

        Raises:
            psycopg.Error: The connection broke, something is locked, or the server lacks a
                resource. Nothing has changed, and the tick is still due.
        """
        async with conn.transaction():
            due = await self.schedules.lock_due(conn)
            if due is None:
                return False
            decision, error = _decide(due)
            result = _Result(error=error)
            if error is None:
                result = await self._insert(conn, due, decision)
            await self.schedules.advance(
                conn, due.name, decision.next_at, last=result.last, error=result.error
            )
        self._log(due, decision, result)
        return True

    async def _insert(self, conn: Conn, due: DueSchedule, decision: Decision) -> _Result:
        result = _Result()
        if decision.ticks:
            # Else a deferred constraint would make the commit fail, for ever.
            await conn.execute(read("check_constraints_now").encode())
        for tick in decision.ticks:
            try:
                async with conn.transaction():
                    job = await self.schedules.insert(conn, due.values, tick)
            except JobgenRuntimeError as error:
                result.error, result.is_expected = error.message, False
            except Error as error:
                if conn.closed or is_locked(error) or is_conflict(error) or is_outage(error):
                    raise
                result.error = refusal_reason(error)
                result.is_expected = isinstance(error, UniqueViolation)
            else:
                if job is None:
                    result.error, result.is_expected = SUPPRESSED, False
                else:
                    result.last, result.error = (tick, job), None
        return result

    def _log(self, due: DueSchedule, decision: Decision, result: _Result) -> None:
        name, table = due.name, self.schedules.table.qualified_name
        if result.last is not None:
            log.debug("schedule %r of %s: inserted %s", name, table, result.last[1])
        if result.error is None:
            self._logged.pop(name, None)
        elif self._logged.get(name) != result.error:
            self._logged[name] = result.error
            level = logging.INFO if result.is_expected else logging.WARNING
            after = "it is not due again until it is changed"
            if decision.next_at is not None:
                after = f"next tick {decision.next_at.isoformat(' ', 'seconds')}"
            log.log(
                level,
                "schedule %r of %s could not insert its job (%s): %s",
                name,
                table,
                after,
                result.error,
            )


def _decide(due: DueSchedule) -> tuple[Decision, str | None]:
    """Return what to insert, and why the schedule is invalid: then it is not due again."""
    options = {"catch_up": due.catch_up, "catch_up_limit": due.catch_up_limit}
    try:
        schedule = read_schedule(due.expression, due.timezone, options)
        return decide_ticks(schedule, due.due_at, due.now), None
    except InvalidSchedule as error:
        return Decision((), None), " ".join(filter(None, (error.message, error.hint)))
    except Exception as error:  # noqa: BLE001 -- one row must not end every worker
        return Decision((), None), f"The next tick cannot be computed: {error!r}"
