"""A transaction that commits a job's own writes together with its success."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.pq import TransactionStatus

from jobgen_runtime.contract.context import JobContext, TransactionState, current_job
from jobgen_runtime.contract.errors import ClaimLost, TransactionEnded, TransactionNotAllowed
from jobgen_runtime.database import AsyncCallerConnection, CallerConnection, pool, pool_sync
from jobgen_runtime.record.success import (
    find_position,
    find_position_sync,
    write_success,
    write_success_sync,
)
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

_MARK = cast("LiteralString", read("mark_transaction").encode())


@asynccontextmanager
async def transaction(table: Table, job: UUID) -> AsyncIterator[AsyncConnection[tuple[Any, ...]]]:
    """Open the running job's transaction; see `JobRecord.transaction`."""
    context = _running_job(table.qualified_name, job)
    with _track(context) as commit:
        async with (await pool()).connection() as conn:
            position = await find_position(conn, table, context)
            async with conn.transaction():
                await conn.execute(_MARK, prepare=False)
                with commit.user_block(conn):
                    yield conn
                commit.require_claim(row=await write_success(conn, table, context, position))
            commit.record()


@contextmanager
def transaction_sync(table: Table, job: UUID) -> Iterator[Connection[tuple[Any, ...]]]:
    """Open the running job's transaction; the synchronous version of `transaction`."""
    context = _running_job(table.qualified_name, job)
    with _track(context) as commit, pool_sync().connection() as conn:
        position = find_position_sync(conn, table, context)
        with conn.transaction():
            conn.execute(_MARK, prepare=False)
            with commit.user_block(conn):
                yield conn
            commit.require_claim(row=write_success_sync(conn, table, context, position))
        commit.record()


def require_no_lock(
    context: JobContext, conn: AsyncCallerConnection | CallerConnection | None
) -> None:
    """Check that an update of the running job's row does not wait for the job's own transaction.

    Args:
        context: The attempt.
        conn: The connection of the update; None for one of the pool.

    Raises:
        TransactionNotAllowed: The transaction has updated the row, and `conn` is not psycopg's.
    """
    if context.state is not TransactionState.OPEN:
        return
    # The job's transaction is one of psycopg: a session of another library is not part of it.
    driver = conn if isinstance(conn, AsyncConnection | Connection) else None
    if driver is None and context.has_locked_row:
        raise TransactionNotAllowed(
            f"The transaction of the job {context.id} of {context.table} has updated the job's "
            "row, so an update over another connection would wait for the transaction's end.",
            hint="Pass the connection of the transaction: job.update(conn, …).",
        )
    if driver is not None and driver.pgconn.transaction_status != TransactionStatus.IDLE:
        context.has_locked_row = True


def _running_job(table: str, job: UUID) -> JobContext:
    """Return the context of the running job.

    Raises:
        TransactionNotAllowed: It is another job, or this job cannot open a transaction any more.
    """
    context = current_job.get()
    if context is None or (context.table, context.id) != (table, job):
        raise TransactionNotAllowed(
            f"transaction() of the job {job} of {table} was called outside of that job.",
            hint="Call it inside perform, on the record that perform was given. A thread that "
            "perform starts must run its code with contextvars.copy_context().run.",
        )
    if context.state is TransactionState.COMMITTED:
        raise TransactionNotAllowed(
            f"The job {job} of {table} has already committed its transaction.",
            hint="A job commits once: put all of its writes into one transaction() block.",
        )
    if context.state is TransactionState.OPEN:
        raise TransactionNotAllowed(
            f"The job {job} of {table} is already inside its transaction.",
            hint="Pass the connection to the code that writes; for savepoints call "
            "conn.transaction().",
        )
    return context


class _Commit:
    """Track whether the transaction has written the job's success."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._written = False

    @contextmanager
    def user_block(self, conn: AsyncConnection[Any] | Connection[Any]) -> Iterator[None]:
        """Run the user's block, and check that it has left the transaction open.

        Raises:
            TransactionEnded: The block has ended the transaction.
        """
        yield
        if conn.pgconn.transaction_status == TransactionStatus.IDLE:
            raise self._ended()

    def require_claim(self, *, row: tuple[Any, ...] | None) -> None:
        """Check the row that the success statement returned.

        Raises:
            ClaimLost: There is no row, so the claim was lost.
            TransactionEnded: The statement ran in another transaction.
        """
        if row is None:
            raise ClaimLost(
                f"The job {self._context.id} of {self._context.table} no longer belongs to this "
                "worker.",
                hint="The job was cancelled, or another worker took it over. "
                "The transaction was rolled back.",
            )
        if row != (True,):
            raise self._ended()
        self._written = True

    def record(self) -> None:
        """Record in the job's context that the transaction has ended without an error.

        A block that raised psycopg.Rollback gets here too, without having written the success.
        """
        if self._written:
            self._context.state = TransactionState.COMMITTED

    def _ended(self) -> TransactionEnded:
        return TransactionEnded(
            f"The transaction of the job {self._context.id} of {self._context.table} was ended by "
            "a statement inside its block, such as COMMIT or ROLLBACK.",
            hint="Writes of the block before a COMMIT stay, without the job's success. "
            "Raise psycopg.Rollback to undo the block, use conn.transaction() for savepoints, and "
            "write what must be committed separately without `conn`.",
        )


@contextmanager
def _track(context: JobContext) -> Iterator[_Commit]:
    """Mark the transaction as open during the block, and undo that if it did not commit."""
    context.state = TransactionState.OPEN
    context.has_locked_row = False
    try:
        yield _Commit(context)
    finally:
        if context.state is TransactionState.OPEN:
            context.state = TransactionState.NONE
