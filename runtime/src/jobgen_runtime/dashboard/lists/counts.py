"""Count a table's jobs by status, at a cost that does not grow with the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncConnection, errors
from psycopg.rows import tuple_row

from jobgen_runtime.contract.states import JobStatus, read_status
from jobgen_runtime.control.kinds import CAP, FIRST_ROWS
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.sql import read

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
    """A number that is exact, a lower bound (mark `+`) or an estimate (mark `~`)."""

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
    """A table's jobs by status; what could not be counted in time is missing."""

    by_status: dict[JobStatus, Count] = field(default_factory=dict)
    rows: Count | None = None
    next_due: Moment | None = None

    def count(self, status: JobStatus) -> str:
        """Return how many jobs have a status, as text; a dash if it is unknown."""
        return str(self.by_status.get(status, UNKNOWN))

    @property
    def total(self) -> str:
        """How many jobs there are, as text; a dash if it is unknown."""
        return str(self.rows or UNKNOWN)

    @property
    def is_exact(self) -> bool:
        """Whether the table is so small that all of it was counted."""
        return self.rows is not None and not self.rows.mark

    def is_known(self, status: JobStatus | None) -> bool:
        """Return whether it is known exactly how many jobs have the status."""
        count = None if status is None else self.by_status.get(status)
        return count is not None and not count.mark


async def summarize(conn: AsyncConnection[Any], table: JobTable) -> Summary:
    """Count a table's jobs; return an empty summary if that takes longer than a second."""
    try:
        # The settings of these statements end with their savepoint.
        async with conn.transaction(force_rollback=True):
            await conn.execute(
                statement("set_statement_timeout"), {"statement_timeout": str(TIMEOUT_MS)}
            )
            small = await _fetch(conn, "count_small_table", table)
            return await summary_of(conn, table, small, await _next_due(conn, table))
    except errors.QueryCanceled:
        return Summary()


async def summary_of(
    conn: AsyncConnection[Any],
    table: JobTable,
    first_rows: Sequence[tuple[str | None, int]],
    due: Moment | None,
) -> Summary:
    """Return a table's summary, for which a large table is counted by its indexes.

    Args:
        conn: The connection, in a savepoint whose settings may be changed.
        table: The table.
        first_rows: The statuses of the first CAP + 1 rows, and how many of these have each.
        due: When the first waiting job is or was due.
    """
    rows = sum(number for _, number in first_rows)
    if rows <= CAP:
        found = {read_status(status): Count(number) for status, number in first_rows if status}
        by_status = {status: found.get(status, Count(0)) for status in table.statuses}
        return Summary(by_status, Count(rows), due)
    return Summary(*await _count_large_table(conn, table), due)


async def _count_large_table(
    conn: AsyncConnection[Any], table: JobTable
) -> tuple[dict[JobStatus, Count], Count]:
    await conn.execute(read("plan_by_index").encode())
    by_status = count_large(await _fetch(conn, "count_large_table", table))
    if table.estimated_rows > CAP:
        return by_status, Count(int(table.estimated_rows), "~")
    return by_status, Count(CAP, "+")


def count_large(rows: list[tuple[str, int, str]]) -> dict[JobStatus, Count]:
    """Return the counts of a table above the cap, from the rows of `count_large_table`.

    Each status is exact up to the cap, unless FIRST_ROWS jobs of its group were read and there may
    be more: then it is the planner's estimate if that is higher than the number seen, else at least
    that number. A status of which nothing is known is missing.
    """
    read_rows = Counter[str]()
    seen = Counter[JobStatus]()
    estimates = Counter[JobStatus]()
    for label, number, group in rows:
        if group == ESTIMATED:
            estimates[read_status(label)] = number
        else:
            read_rows[group] += number
            seen[read_status(label)] += number
    counts = {status: Count(number, "~") for status, number in estimates.items()}
    for group, statuses in GROUPS.items():
        for status in statuses:
            number, estimate = seen[status], estimates[status]
            if number > CAP:
                counts[status] = Count(CAP, "+")
            elif read_rows[group] < FIRST_ROWS:
                counts[status] = Count(number)
            elif number and number >= estimate:
                counts[status] = Count(number, "+")
    return counts


async def _next_due(conn: AsyncConnection[Any], table: JobTable) -> Moment | None:
    rows = await _fetch(conn, "next_due", table)
    return Moment(rows[0][0]) if rows and rows[0][0] is not None else None


async def _fetch(conn: AsyncConnection[Any], name: str, table: JobTable) -> list[Any]:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        query = statement(name).format(table=table.identifier)
        await cursor.execute(
            query, {"cap": CAP + 1, "first_rows": FIRST_ROWS, "table": table.regclass}
        )
        return await cursor.fetchall()
