"""`UniqueRecord`: the methods of a job's record that a unique index of its table changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from psycopg.errors import UniqueViolation

from jobgen_runtime.database import (
    AsyncCallerConnection,
    CallerConnection,
    Statement,
    execute,
    execute_sync,
)
from jobgen_runtime.record.errors import (
    duplicate_job,
    explaining_nulls,
    no_unique_index,
    refuse_runtime_columns,
)
from jobgen_runtime.record.record import Record
from jobgen_runtime.record.statements import inserts
from jobgen_runtime.record.unique import (
    NewJob,
    explaining_index,
    keeping_transaction,
    keeping_transaction_sync,
    raise_duplicate,
    run,
    run_sync,
)

Values = Mapping[str, object]


class UniqueRecord(Record):
    """A record whose table may have a unique index that allows one such row at a time.

    Without one, every method does what that of `Record` does.
    """

    if not TYPE_CHECKING:
        # Types.py declares these for tables with a unique index; for others, they say what to do.

        @classmethod
        async def get_or_create(cls, conn=None, /, **values):
            """Return the duplicate of a job, or create the job."""
            return await cls._get_or_create(conn, values)

        @classmethod
        def get_or_create_sync(cls, conn=None, /, **values):
            """Return the duplicate; the synchronous version of `get_or_create`."""
            return cls._get_or_create_sync(conn, values)

        @classmethod
        async def update_or_create(cls, conn=None, /, **values):
            """Update the waiting duplicate of a job, or create the job."""
            return await cls._update_or_create(conn, values)

        @classmethod
        def update_or_create_sync(cls, conn=None, /, **values):
            """Update the duplicate; the synchronous version of `update_or_create`."""
            return cls._update_or_create_sync(conn, values)

    @classmethod
    async def _create(cls, conn: AsyncCallerConnection | None, values: Values) -> Self:
        index = cls.__table__.unique_index
        if index is None:
            return await super()._create(conn, values)
        job: Self
        job, is_new = await run(conn, cls._new_job("create", values).steps())
        if not is_new:
            raise duplicate_job(cls, index, existing=job)
        return job

    @classmethod
    def _create_sync(cls, conn: CallerConnection | None, values: Values) -> Self:
        index = cls.__table__.unique_index
        if index is None:
            return super()._create_sync(conn, values)
        job: Self
        job, is_new = run_sync(conn, cls._new_job("create_sync", values).steps())
        if not is_new:
            raise duplicate_job(cls, index, existing=job)
        return job

    @classmethod
    async def _get_or_create(
        cls, conn: AsyncCallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        """Return the job with these values of the unique index, and whether it was created now."""
        return await run(conn, cls._new_job("get_or_create", values).steps())

    @classmethod
    def _get_or_create_sync(
        cls, conn: CallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        """Return the job, and whether it is new; the synchronous version of `_get_or_create`."""
        return run_sync(conn, cls._new_job("get_or_create_sync", values).steps())

    @classmethod
    async def _update_or_create(
        cls, conn: AsyncCallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        """Give the waiting job with these values of the unique index all others, or create it.

        Returns:
            The job, and whether it was created now. A job that does not wait is returned as it is.
        """
        return await run(conn, cls._new_job("update_or_create", values, updates=True).steps())

    @classmethod
    def _update_or_create_sync(
        cls, conn: CallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        """Update or create the job; the synchronous version of `_update_or_create`."""
        return run_sync(conn, cls._new_job("update_or_create_sync", values, updates=True).steps())

    @classmethod
    async def _create_many(
        cls, conn: AsyncCallerConnection | None, rows: Iterable[Values]
    ) -> list[Self]:
        try:
            async with keeping_transaction(conn, cls.__table__):
                return await super()._create_many(conn, rows)
        except UniqueViolation as error:
            raise_duplicate(cls, cls.__table__, error)
            raise

    @classmethod
    def _create_many_sync(cls, conn: CallerConnection | None, rows: Iterable[Values]) -> list[Self]:
        try:
            with keeping_transaction_sync(conn, cls.__table__):
                return super()._create_many_sync(conn, rows)
        except UniqueViolation as error:
            raise_duplicate(cls, cls.__table__, error)
            raise

    @classmethod
    async def _insert_many(cls, conn: AsyncCallerConnection | None, rows: Iterable[Values]) -> int:
        index = cls.__table__.unique_index
        if index is None:
            return await super()._insert_many(conn, rows)
        caller = f"{cls.__name__}.insert_many"
        with explaining_nulls(caller, cls.__table__), explaining_index(cls.__table__, index):
            return await execute(conn, cls._inserts_of_new(caller, rows, index.on_conflict))

    @classmethod
    def _insert_many_sync(cls, conn: CallerConnection | None, rows: Iterable[Values]) -> int:
        index = cls.__table__.unique_index
        if index is None:
            return super()._insert_many_sync(conn, rows)
        caller = f"{cls.__name__}.insert_many_sync"
        with explaining_nulls(caller, cls.__table__), explaining_index(cls.__table__, index):
            return execute_sync(conn, cls._inserts_of_new(caller, rows, index.on_conflict))

    @classmethod
    def _inserts_of_new(
        cls, caller: str, rows: Iterable[Values], on_conflict: bytes
    ) -> list[Statement]:
        """Return the statements that insert the rows that are not duplicates."""
        return list(
            inserts(cls.__table__, rows, caller=caller, returning=False, on_conflict=on_conflict)
        )

    @classmethod
    def _new_job(cls, method: str, values: Values, *, updates: bool = False) -> NewJob:
        """Return the job to create.

        Raises:
            TypeError: The table does not have one unique index, or a value may not be updated.
        """
        caller, table = f"{cls.__name__}.{method}", cls.__table__
        if table.unique_index is None:
            raise no_unique_index(caller, table)
        if updates:
            refuse_runtime_columns(
                caller, table, {name: values[name] for name in values if name != "run_at"}
            )
        return NewJob(cls, cls._rows(), table.unique_index, values, caller, updates=updates)
