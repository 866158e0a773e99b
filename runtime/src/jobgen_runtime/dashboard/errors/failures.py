"""Read the failures of a table with their causes, at a cost that does not grow with the table."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from jobgen_runtime.control.kinds import CAP
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement, union
from jobgen_runtime.dashboard.errors.cause import Cause, find_cause
from jobgen_runtime.dashboard.jobs.rows import listed_error
from jobgen_runtime.sql import read

MAX_FAILURES = CAP
"""Failures of a table that are read, at most."""

READ_SECONDS = 1.0
"""How long a page reads errors that were not read before. The next page reads on."""

BATCH = 200
"""Errors that are read and examined at a time: for some milliseconds, in which no other request is
served."""

MAX_SCANNED = 50_000
"""Waiting jobs of all tables that are looked at for those that will retry."""

FEWEST_SCANNED = 500

KEPT_CAUSES = 5 * MAX_FAILURES


ChangedJob: TypeAlias = tuple[UUID, float | None]
"""A job, and when it was last changed, in seconds since 1970."""


class Failure(NamedTuple):
    """A failed job, and why it failed."""

    id: UUID
    at: float | None
    """When it was last changed, in seconds since 1970: when it failed, if nothing else did that."""

    cause: Cause


@dataclass(frozen=True)
class Failures:
    """The failures of a table, those with the highest ids first."""

    rows: list[Failure]
    is_cut: bool
    """Whether there are more than those."""


class CauseCache:
    """The failures that were read before with their causes, so that each error is examined once.

    A row is read again once it has changed. The tables used longest ago are forgotten first.
    """

    def __init__(self) -> None:
        self._tables: OrderedDict[str, dict[UUID, Failure]] = OrderedDict()

    def of(self, table: JobTable) -> dict[UUID, Failure]:
        """Return the failures of a table that are known, as they were when they were read."""
        name = table.regclass
        found = self._tables.setdefault(name, {})
        self._tables.move_to_end(name)
        for job in list(islice(found, max(len(found) - KEPT_CAUSES // 2, 0))):
            del found[job]
        while len(self._tables) > 1 and sum(map(len, list(self._tables.values()))) > KEPT_CAUSES:
            self._tables.popitem(last=False)
        return found


class Listed(NamedTuple):
    """The failures of a table without their causes."""

    jobs: list[ChangedJob]
    is_cut: bool
    """Whether there may be more jobs that will retry than those."""
    limit: int
    """Up to how many were listed."""

    def first(self, limit: int) -> Listed:
        """Return what would have been listed up to a lower limit."""
        return Listed(self.jobs[:limit], self.is_cut, limit)


async def list_failures(
    conn: AsyncConnection[Any],
    tables: Sequence[JobTable],
    *,
    limit: int = MAX_FAILURES + 1,
    retrying: bool = False,
    kinds: int = 1,
) -> dict[JobTable, Listed]:
    """Return up to `limit` failures of each table; with `retrying`, also jobs that will retry.

    Args:
        conn: The connection.
        tables: The tables.
        limit: The most failures of each.
        retrying: Whether jobs that will retry after an error are among them.
        kinds: How many kinds a page lists: with more, fewer waiting jobs of each are looked at.
    """
    found: dict[JobTable, list[ChangedJob]] = {table: [] for table in tables}
    cut: set[JobTable] = set()
    # The settings of these statements end with their savepoint.
    async with (
        conn.transaction(force_rollback=True),
        conn.cursor(row_factory=tuple_row, binary=True) as cursor,
    ):
        if any(table.estimated_rows > CAP for table in tables):
            await cursor.execute(read("plan_by_index").encode())
        query = union("list_failures", [table.identifier for table in tables])
        await cursor.execute(query, {"limit": limit})
        for number, job, at in await cursor.fetchall():
            found[tables[number]].append((job, at))
        if retrying:
            query = union("list_retrying", [table.identifier for table in tables])
            scanned = max(MAX_SCANNED // kinds, FEWEST_SCANNED)
            await cursor.execute(query, {"limit": limit, "scanned": scanned})
            for number, job, at, is_last in await cursor.fetchall():
                if job is not None:
                    found[tables[number]].append((job, at))
                if is_last:
                    cut.add(tables[number])
    return {
        table: Listed(_newest(jobs, limit), table in cut, limit) for table, jobs in found.items()
    }


def _newest(jobs: list[ChangedJob], limit: int) -> list[ChangedJob]:
    """Return the jobs with the highest ids."""
    return sorted(jobs, key=lambda each: each[0].bytes, reverse=True)[:limit]


async def find_causes(
    conn: AsyncConnection[Any],
    table: JobTable,
    listed: Listed,
    cache: CauseCache,
    *,
    deadline: float,
    limit: int = MAX_FAILURES,
) -> Failures:
    """Return the first `limit` failures with their causes.

    After `deadline`, by `time.monotonic()`, no more than one batch of errors is read: then there
    may be fewer.
    """
    rows: list[Failure] = []
    known, found = cache.of(table), listed.jobs
    for start in range(0, min(len(found), limit), BATCH):
        if rows and monotonic() > deadline:
            break
        batch = found[start : min(start + BATCH, limit)]
        rows += await _with_causes(conn, table, known, batch)
    return Failures(rows, is_cut=listed.is_cut or len(found) > len(rows))


def with_known_causes(
    table: JobTable, listed: Listed, cache: CauseCache, limit: int
) -> Failures | None:
    """Return what `find_causes` would, if it would read nothing; else None."""
    known, found = cache.of(table), listed.jobs
    rows = [failure for job, at in found[:limit] if (failure := _kept(known, job, at))]
    if len(rows) < min(len(found), limit):
        return None
    return Failures(rows, is_cut=listed.is_cut or len(found) > limit)


async def _with_causes(
    conn: AsyncConnection[Any],
    table: JobTable,
    known: dict[UUID, Failure],
    batch: Sequence[ChangedJob],
) -> list[Failure]:
    """Return failures with their causes, and add those that were not known."""
    found = {job: failure for job, at in batch if (failure := _kept(known, job, at))}
    unknown = {job: at for job, at in batch if job not in found}
    errors = await read_errors(conn, table, list(unknown))
    for job, at in unknown.items():
        # Lists share these objects: the collection of garbage looks at each one.
        found[job] = known[job] = Failure(job, at, find_cause(errors.get(job) or ""))
    return [found[job] for job, _ in batch]


def _kept(known: dict[UUID, Failure], job: UUID, at: float | None) -> Failure | None:
    failure = known.get(job)
    return failure if failure and failure.at == at else None


async def read_errors(
    conn: AsyncConnection[Any], table: JobTable, jobs: Sequence[UUID]
) -> dict[UUID, str | None]:
    """Return the errors of jobs, as far as a list needs them."""
    if not jobs:
        return {}
    query = statement("read_errors").format(table=table.identifier, error=listed_error())
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"ids": list(jobs)})
        return dict(await cursor.fetchall())


def since(failures: Failures, now: Moment, seconds: float | None) -> list[Failure]:
    """Return the failures of the last `seconds`; all of them for None."""
    if seconds is None:
        return failures.rows
    start = now.epoch - seconds
    return [each for each in failures.rows if each.at is not None and each.at >= start]
