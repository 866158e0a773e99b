"""How many jobs of a table are in each state, at a cost that does not grow with the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncConnection, errors
from psycopg.rows import tuple_row

from jobgen_runtime.contract import JobStatus
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.statements import statement
from jobgen_runtime.dashboard.times import Moment

CAP = 10_000
TIMEOUT_MS = 1_000
UNKNOWN = "\N{EN DASH}"
ESTIMATED = "estimated"

GROUPS = {
    "waiting": (JobStatus.NOT_STARTED, JobStatus.RETRY),
    "running": (JobStatus.RUNNING,),
    "failed": (JobStatus.FAILED, JobStatus.TIMED_OUT),
}


@dataclass(frozen=True)
class Count:
    """How many there are: exactly, at least (`+`), or about (`~`)."""

    number: int
    mark: str = ""

    def __str__(self) -> str:
        if self.mark != "~":
            return f"{self.number:,}{self.mark}"
        if self.number >= 1_000_000:
            return f"~{self.number / 1_000_000:,.1f}M"
        return f"~{self.number / 1_000:.0f}k" if self.number >= 1_000 else f"~{self.number}"


@dataclass(frozen=True)
class Summary:
    """A table's states at a glance; what could not be counted in time is missing."""

    states: dict[JobStatus, Count] = field(default_factory=dict)
    rows: Count | None = None
    next_due: Moment | None = None

    def count(self, status: JobStatus) -> str:
        return str(self.states.get(status, UNKNOWN))

    @property
    def total(self) -> str:
        return str(self.rows or UNKNOWN)

    def has_none(self, status: JobStatus) -> bool:
        """Whether no job at all is in the state."""
        return self.states.get(status) == Count(0)


async def summarize(conn: AsyncConnection[Any], table: JobTable, *, usual_timeout: str) -> Summary:
    """Count a table's states; an empty summary if that takes the database over a second.

    `usual_timeout` is the transaction's own statement_timeout, put back at the end.
    """
    setting = statement("set_statement_timeout")
    try:
        async with conn.transaction():
            await conn.execute(setting, {"statement_timeout": str(TIMEOUT_MS)})
            states, rows = await _states(conn, table)
            due = await _next_due(conn, table)
            await conn.execute(setting, {"statement_timeout": usual_timeout})
    except errors.QueryCanceled:
        return Summary()
    return Summary(states, rows, due)


async def _states(
    conn: AsyncConnection[Any], table: JobTable
) -> tuple[dict[JobStatus, Count], Count]:
    """How many jobs are in each state, and in the table."""
    small = await _fetch(conn, "count_small_table", table)
    rows = sum(number for _, number in small)
    if rows <= CAP:
        found = {JobStatus(status): Count(number) for status, number in small}
        return {status: found.get(status, Count(0)) for status in JobStatus}, Count(rows)
    states = large_states(await _fetch(conn, "count_large_table", table))
    if table.estimated_rows > CAP:
        return states, Count(int(table.estimated_rows), "~")
    return states, Count(CAP, "+")


def large_states(rows: list[tuple[str, int, str]]) -> dict[JobStatus, Count]:
    """The states of a table above the cap, from the rows of `count_large_table`.

    A group that filled its cap says of each of its states only how many there are at least.
    """
    by_group = Counter[str]()
    by_status = Counter[JobStatus]()
    estimates = {}
    for status, number, group in rows:
        if group == ESTIMATED:
            estimates[JobStatus(status)] = Count(number, "~")
        else:
            by_group[group] += number
            by_status[JobStatus(status)] += number
    counted = {
        status: Count(min(by_status[status], CAP), "+" if by_group[group] > CAP else "")
        for group, statuses in GROUPS.items()
        for status in statuses
    }
    return counted | estimates


async def _next_due(conn: AsyncConnection[Any], table: JobTable) -> Moment | None:
    rows = await _fetch(conn, "next_due", table)
    return Moment(rows[0][0]) if rows else None


async def _fetch(conn: AsyncConnection[Any], name: str, table: JobTable) -> list[Any]:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        query = statement(name).format(table=table.identifier)
        await cursor.execute(query, {"cap": CAP + 1, "table": table.regclass})
        return await cursor.fetchall()
