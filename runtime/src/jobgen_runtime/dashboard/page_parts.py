"""Read a page in parts, so that a table that cannot be read costs its own part alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import psycopg

from jobgen_runtime.dashboard.database.connections import Session, TimeIsUp
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.refused_statements import SLOW, shown_reason

T = TypeVar("T")

TIME_IS_UP = "the parts above took all the time that this page has"


async def part(
    session: Session, read: Callable[[], Awaitable[T]], *, instead: Callable[[str], T]
) -> T:
    """Return a part of a page, or `instead` with the reason why it cannot be read.

    That costs the other parts little.
    """
    try:
        async with session.part():
            return await read()
    except TimeIsUp:
        reason = TIME_IS_UP
    except TimeoutError:
        reason = SLOW
    except psycopg.Error as error:
        if session.conn.closed:
            raise
        reason = shown_reason(error)
    return instead(reason)


async def parts(
    session: Session,
    tables: Sequence[JobTable],
    read: Callable[[Sequence[JobTable]], Awaitable[Mapping[JobTable, T]]],
) -> dict[JobTable, T | str]:
    """Return what is read of each table, or why it cannot be read.

    All tables are read together. If that fails, as where one of them is locked, each is read by
    itself.
    """

    async def one(table: JobTable) -> T | str:
        return (await read([table]))[table]

    if not tables:
        return {}
    try:
        async with session.part():
            return dict(await read(tables))
    except (TimeIsUp, TimeoutError, psycopg.Error):
        if session.conn.closed:
            raise
    return {table: await part(session, partial(one, table), instead=str) for table in tables}
