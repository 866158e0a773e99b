"""Read the failures of several kinds with their causes, from what earlier pages have read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Protocol

from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.connections import Session
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors.failures import (
    MAX_FAILURES,
    READ_SECONDS,
    CauseCache,
    Failures,
    Listed,
    find_causes,
    list_failures,
    with_known_causes,
)
from jobgen_runtime.dashboard.figures.kept import Kept, WriteState
from jobgen_runtime.dashboard.figures.write_states import read_write_states
from jobgen_runtime.dashboard.page_parts import part, parts

FEWEST_FIRST = 50
MOST_FIRST = 500
"""Failures of each kind that are read before it is known which kinds have more."""

KEPT_FROM = 1_000
"""Failures from which on they are kept for the next page."""

KindFailures = list[tuple[JobTable, Failures | str]]
"""The failures of each kind that has any, or why they cannot be read."""


async def read_failures(
    request: DashboardRequest, tables: Sequence[JobTable], *, retrying: bool = False
) -> KindFailures:
    """Return the failures of each kind that has any, or why they cannot be read.

    With `retrying`, jobs that will retry after an error are among them.
    """
    deadline = monotonic() + READ_SECONDS

    def is_to_be_kept(found: KindFailures) -> bool:
        read = [failures for _, failures in found if isinstance(failures, Failures)]
        is_whole = len(read) == len(found) and monotonic() < deadline
        return is_whole and sum(len(failures.rows) for failures in read) >= KEPT_FROM

    async def read(session: Session) -> KindFailures:
        list_jobs = partial(list_failures, session.conn, retrying=retrying)
        return await _read(tables, list_jobs, request.causes, session)

    async def read_written(session: Session) -> KindFailures:
        """Read only tables that were written to since this has read them."""
        states = await read_write_states(session.conn, tables)
        list_jobs = partial(_list_written, session, request.kept, states, retrying=retrying)
        return await _read(tables, list_jobs, request.causes, session)

    return await request.kept.get(
        None,
        ("failures", retrying, *(table.key for table in tables)),
        partial(read, request.session),
        keep=is_to_be_kept,
        read_in=read_written,
        unless_written=tables,
    )


class _ListJobs(Protocol):
    """Lists up to `limit` failures of each table, for a page that lists this number of kinds."""

    async def __call__(
        self, tables: Sequence[JobTable], *, limit: int, kinds: int
    ) -> dict[JobTable, Listed]: ...


async def _list_written(
    session: Session,
    kept: Kept,
    states: Mapping[JobTable, WriteState],
    tables: Sequence[JobTable],
    *,
    retrying: bool,
    limit: int,
    kinds: int,
) -> dict[JobTable, Listed]:
    """Return the failures of tables, and list only those written to since this has listed them.

    `states` is what `read_write_states` has just said of them.
    """
    key = ("listed", retrying, kinds)
    found: dict[JobTable, Listed] = {}
    for table in tables:
        match kept.peek(table, key):
            case Listed() as before if before.limit >= limit:
                if kept.confirm(table, key, states[table]):
                    found[table] = before.first(limit)
    written = [table for table in tables if table not in found]
    if written:
        began = monotonic()
        read = await list_failures(
            session.conn, written, limit=limit, retrying=retrying, kinds=kinds
        )
        for table, listed in read.items():
            kept.put(table, key, listed, began=began, state=states[table])
        found |= read
    return found


async def _read(
    tables: Sequence[JobTable], list_jobs: _ListJobs, causes: CauseCache, session: Session
) -> KindFailures:
    """Read a few failures of each kind, then as many of those that have more as fit a page."""
    deadline = monotonic() + READ_SECONDS
    few = MAX_FAILURES
    if len(tables) > 1:
        few = min(max(MAX_FAILURES // len(tables), FEWEST_FIRST), MOST_FIRST)
    limits = dict.fromkeys(tables, few)
    listed = await parts(session, tables, partial(list_jobs, limit=few + 1, kinds=len(tables)))
    numbers = {table: len(each.jobs) for table, each in listed.items() if not isinstance(each, str)}
    more = [table for table, number in numbers.items() if number > few]
    if more and few < MAX_FAILURES:
        taken = sum(min(number, few) for number in numbers.values())
        share = few + max(MAX_FAILURES - taken, 0) // len(more)
        limits |= dict.fromkeys(more, share)
        read_more = partial(list_jobs, limit=share + 1, kinds=len(more))
        listed |= await parts(session, more, read_more)
    found: KindFailures = []
    for table, each in listed.items():
        if isinstance(each, str):
            found.append((table, each))
        elif each.jobs or each.is_cut:
            read = await _with_causes(
                session, table, causes, each, limit=limits[table], deadline=deadline
            )
            found.append((table, read))
    return found


async def _with_causes(
    session: Session,
    table: JobTable,
    causes: CauseCache,
    listed: Listed,
    *,
    limit: int,
    deadline: float,
) -> Failures | str:
    async def read() -> Failures | str:
        return await find_causes(
            session.conn, table, listed, causes, deadline=deadline, limit=limit
        )

    # The savepoint of a part costs more than what it is for, where there are many kinds.
    known = with_known_causes(table, listed, causes, limit)
    return await part(session, read, instead=str) if known is None else known
