"""Create jobs of which a unique index allows one: as steps, run asynchronously or not.

The INSERT skips a duplicate instead of failing, so the caller's transaction can go on. It waits for
a transaction that is inserting the same key, as every INSERT under a unique index does. The other
job is read by a second statement. If it is gone by then, the INSERT is tried again.

In a transaction with REPEATABLE READ or SERIALIZABLE, a duplicate that was committed after its
first statement cannot be read. PostgreSQL then raises a serialization failure, and the caller has
to repeat the transaction, as with every change that others have made meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from psycopg import Error
from psycopg.errors import InvalidColumnReference, UniqueViolation
from psycopg.rows import BaseRowFactory, tuple_row

from jobgen_runtime.contract.errors import SchemaError
from jobgen_runtime.database import (
    AsyncCallerConnection,
    CallerConnection,
    Statement,
    fetch_rows,
    fetch_rows_sync,
)
from jobgen_runtime.database.callers import resolve, resolve_sync
from jobgen_runtime.database.execute import AsyncConn, Conn
from jobgen_runtime.database.pools import pool, pool_sync
from jobgen_runtime.database.savepoint import savepoint, savepoint_sync
from jobgen_runtime.database.server_errors import is_raised_by_user_code
from jobgen_runtime.record.errors import (
    change_suppressed,
    duplicate_job,
    explaining_nulls,
    insert_suppressed,
)
from jobgen_runtime.record.statements import inserts
from jobgen_runtime.record.unique_statements import WAITING, DuplicateKey, key_columns
from jobgen_runtime.table import Table, UniqueIndex

T = TypeVar("T")

MAX_TRIES = 20
"""How often a job is inserted and, as a duplicate, looked for, before something else is the cause:
a trigger that suppresses or changes the new row."""


@dataclass(frozen=True, slots=True)
class Step:
    """A statement to run; `in_savepoint` if its error must not end the caller's transaction."""

    statement: Statement
    rows: BaseRowFactory[Any]
    in_savepoint: bool = False


Steps: TypeAlias = Generator[Step, list[Any], T]
"""Steps are sent the rows that they return, or get their error thrown."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to create where a unique index may not allow it.

    Attributes:
        record: The record class.
        rows: Its row factory.
        values: The new job's values by attribute.
        caller: The name of the public method, for error messages.
        updates: Whether a waiting job that is there gets the values.
    """

    record: type[Any]
    rows: BaseRowFactory[Any]
    index: UniqueIndex
    values: Mapping[str, object]
    caller: str
    updates: bool = False

    def steps(self) -> Steps[tuple[Any, bool]]:
        """Create the job, or find the one that is there; return it, and whether it is new.

        Raises:
            DuplicateJob: There is one that cannot be read: a trigger changes the new row.
            ChangeSuppressed: A trigger suppresses the INSERT or the UPDATE.
            SchemaError: The database does not have the unique index.
        """
        table: Table = self.record.__table__
        key = DuplicateKey(table, self.index, self.values)
        found: list[Any] = []
        with explaining_nulls(self.caller, table), explaining_index(table, self.index):
            [insert] = self._insert(table, self.index.on_conflict)
            for attempt in range(MAX_TRIES):
                if created := (yield Step(insert, self.rows)):
                    return created[0], True
                if key.columns is None and (attempt or not key.is_given):
                    columns = yield Step(key_columns(table, self.index), tuple_row)
                    key = replace(key, columns=columns)
                if self.updates and (updated := (yield Step(key.update(), self.rows))):
                    return updated[0], False
                found = yield Step(key.select(), self.rows)
                # It may have stopped running between the two statements.
                if found and not (self.updates and found[0].status in WAITING):
                    return found[0], False
            if found:
                raise change_suppressed(self.record, table, (found[0].id,))
            [plain] = self._insert(table, b"")
            try:
                created = yield Step(plain, self.rows, in_savepoint=True)
            except UniqueViolation as error:
                raise_duplicate(self.record, table, error)
                raise
        if created:
            return created[0], True
        raise insert_suppressed(self.record, table)

    def _insert(self, table: Table, on_conflict: bytes) -> list[Statement]:
        return list(inserts(table, [self.values], caller=self.caller, on_conflict=on_conflict))


def raise_duplicate(record: type[Any], table: Table, error: UniqueViolation) -> None:
    """Raise DuplicateJob instead of an error of a unique index that Types.py knows."""
    if is_raised_by_user_code(error):
        return
    for index in table.unique_indexes:
        if index.name == error.diag.constraint_name:
            raise duplicate_job(record, index, detail=error.diag.message_detail) from error


@contextmanager
def explaining_index(table: Table, index: UniqueIndex) -> Iterator[None]:
    """Translate the error of a database without the unique index.

    Raises:
        SchemaError: The database does not have it.
    """
    try:
        yield
    except InvalidColumnReference as error:
        if is_raised_by_user_code(error):
            raise
        raise SchemaError(
            f"The database has no valid unique index {index.name} on {table.qualified_name}, as"
            " Generated/Types.py describes it.",
            hint="Run `jobgen migrate`; or `jobgen types`, if Schema.sql does not have it.",
        ) from error


async def run(conn: AsyncCallerConnection | None, steps: Steps[T]) -> T:
    """Run steps on the caller's connection, or on one of the pool; return their result."""
    if conn is None:
        async with (await pool()).for_statements() as own:
            return await run(own, steps)
    used = await resolve(conn)
    try:
        step = next(steps)
        while True:
            try:
                rows = await _rows(used, step)
            except Error as error:
                step = steps.throw(error)
            else:
                step = steps.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result


def run_sync(conn: CallerConnection | None, steps: Steps[T]) -> T:
    """Run steps; the synchronous version of `run`."""
    if conn is None:
        with pool_sync().for_statements() as own:
            return run_sync(own, steps)
    used = resolve_sync(conn)
    try:
        step = next(steps)
        while True:
            try:
                rows = _rows_sync(used, step)
            except Error as error:
                step = steps.throw(error)
            else:
                step = steps.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result


async def _rows(conn: AsyncConn, step: Step) -> list[Any]:
    if not step.in_savepoint:
        return await fetch_rows(conn, [step.statement], step.rows)
    async with savepoint(conn):
        return await fetch_rows(conn, [step.statement], step.rows)


def _rows_sync(conn: Conn, step: Step) -> list[Any]:
    if not step.in_savepoint:
        return fetch_rows_sync(conn, [step.statement], step.rows)
    with savepoint_sync(conn):
        return fetch_rows_sync(conn, [step.statement], step.rows)


@asynccontextmanager
async def keeping_transaction(
    conn: AsyncCallerConnection | None, table: Table
) -> AsyncIterator[None]:
    """Let the caller's transaction go on after a duplicate of the table; never commit it.

    A table without a unique index costs no statement, nor does a call without a connection.
    """
    if conn is None or not table.unique_indexes:
        yield
        return
    async with savepoint(conn):
        yield


@contextmanager
def keeping_transaction_sync(conn: CallerConnection | None, table: Table) -> Iterator[None]:
    """Let the transaction go on; the synchronous version of `keeping_transaction`."""
    if conn is None or not table.unique_indexes:
        yield
        return
    with savepoint_sync(conn):
        yield
