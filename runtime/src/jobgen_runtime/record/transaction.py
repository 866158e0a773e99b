"""A transaction in which a job's own writes and its success commit together, or neither."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg import AsyncConnection, Connection

from jobgen_runtime.contract import ClaimLost, Hold, HoldState, NoTransaction, current_hold
from jobgen_runtime.database import pool, pool_sync


@asynccontextmanager
async def transaction(table: str, job: UUID) -> AsyncIterator[AsyncConnection[tuple[Any, ...]]]:
    """See `JobRecord.transaction`."""
    hold = _hold(table, job)
    with _opened(hold) as commit:
        async with (await pool()).connection() as conn:
            async with conn.transaction():
                yield conn
                cursor = await conn.execute(_statement(hold), hold.parameters)
                commit.written(row=await cursor.fetchone())
            commit.done()


@contextmanager
def transaction_sync(table: str, job: UUID) -> Iterator[Connection[tuple[Any, ...]]]:
    """See `JobRecord.transaction_sync`."""
    hold = _hold(table, job)
    with _opened(hold) as commit, pool_sync().connection() as conn:
        with conn.transaction():
            yield conn
            cursor = conn.execute(_statement(hold), hold.parameters)
            commit.written(row=cursor.fetchone())
        commit.done()


def _hold(table: str, job: UUID) -> Hold:
    hold = current_hold.get()
    if hold is None or (hold.table, hold.id) != (table, job):
        raise NoTransaction(
            f"The job {job} of {table} is not the one that runs here.",
            hint="Call transaction() on the record that perform was given, inside perform. "
            "A thread that perform starts by itself needs contextvars.copy_context().run.",
        )
    if hold.state is HoldState.COMMITTED:
        raise NoTransaction(
            f"The job {job} of {table} has already committed its success.",
            hint="A job has one transaction: put all its writes into it.",
        )
    if hold.state is HoldState.OPEN:
        raise NoTransaction(
            f"The job {job} of {table} is in its transaction already.",
            hint="Hand the connection on to what writes; conn.transaction() makes savepoints.",
        )
    return hold


class _Commit:
    """What is known of the transaction's end."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self._written = False

    def written(self, *, row: object) -> None:
        """The statement has run that writes the success."""
        if row is None:
            raise ClaimLost(
                f"The job {self._hold.id} of {self._hold.table} is not this worker's any more.",
                hint="It was cancelled, or taken over: all that this transaction wrote is undone.",
            )
        self._written = True

    def done(self) -> None:
        """The block was left without an error; after psycopg.Rollback nothing was written."""
        if self._written:
            self._hold.state = HoldState.COMMITTED


@contextmanager
def _opened(hold: Hold) -> Iterator[_Commit]:
    hold.state = HoldState.OPEN
    try:
        yield _Commit(hold)
    finally:
        if hold.state is HoldState.OPEN:
            hold.state = HoldState.FREE


def _statement(hold: Hold) -> LiteralString:
    # Composed of identifiers and a file of `sql/` alone.
    return cast("LiteralString", hold.success)
