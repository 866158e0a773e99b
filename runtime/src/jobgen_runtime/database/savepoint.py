"""A block of statements in the caller's transaction that is undone at an error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from psycopg import AsyncConnection, Connection
from psycopg.pq import TransactionStatus

from jobgen_runtime.database.callers import (
    AsyncCallerConnection,
    AsyncDriverConnection,
    AsyncTextConnection,
    CallerConnection,
    DriverConnection,
    TextConnection,
    resolve,
    resolve_sync,
)
from jobgen_runtime.database.failed_transaction import transaction_failed


@asynccontextmanager
async def savepoint(
    conn: AsyncCallerConnection | AsyncDriverConnection | AsyncTextConnection,
) -> AsyncIterator[None]:
    """Undo the block's statements at an error; never commit the caller's transaction.

    Raises:
        TransactionFailed: The transaction has failed before.
    """
    used = await resolve(conn)
    if isinstance(used, AsyncTextConnection):
        async with used.savepoint():
            yield
        return
    driver = used.conn if isinstance(used, AsyncDriverConnection) else used
    _require_no_failure(driver)
    async with used.telling_loss() if isinstance(used, AsyncDriverConnection) else nullcontext():
        if not driver.autocommit and driver.info.transaction_status is TransactionStatus.IDLE:
            # The driver would commit a transaction that it has begun for the block.
            await driver.execute(b"SELECT")
        async with driver.transaction():
            yield


@contextmanager
def savepoint_sync(
    conn: CallerConnection | DriverConnection | TextConnection,
) -> Iterator[None]:
    """Undo the block's statements at an error; the synchronous version of `savepoint`."""
    used = resolve_sync(conn)
    if isinstance(used, TextConnection):
        with used.savepoint():
            yield
        return
    driver = used.conn if isinstance(used, DriverConnection) else used
    _require_no_failure(driver)
    with used.telling_loss() if isinstance(used, DriverConnection) else nullcontext():
        if not driver.autocommit and driver.info.transaction_status is TransactionStatus.IDLE:
            driver.execute(b"SELECT")
        with driver.transaction():
            yield


def _require_no_failure(driver: AsyncConnection[object] | Connection[object]) -> None:
    if driver.info.transaction_status is TransactionStatus.INERROR:
        raise transaction_failed()
