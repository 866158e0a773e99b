"""`ObservedRecord`: creates jobs while an observer follows, if there is one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from jobgen_runtime.database import AsyncCallerConnection, CallerConnection
from jobgen_runtime.record.insert_observer import Values, observation
from jobgen_runtime.record.unique_record import UniqueRecord


class ObservedRecord(UniqueRecord):
    """A record whose creation an observer may follow; without one, as `UniqueRecord`."""

    id: UUID

    @classmethod
    async def _create(cls, conn: AsyncCallerConnection | None, values: Values) -> Self:
        if observation.observer is None:
            return await super()._create(conn, values)
        with observation.observer(cls.__table__, [values]) as insert:
            job = await super()._create(conn, insert.rows[0])
            insert.inserted([job.id])
        return job

    @classmethod
    def _create_sync(cls, conn: CallerConnection | None, values: Values) -> Self:
        if observation.observer is None:
            return super()._create_sync(conn, values)
        with observation.observer(cls.__table__, [values]) as insert:
            job = super()._create_sync(conn, insert.rows[0])
            insert.inserted([job.id])
        return job

    @classmethod
    async def _create_many(
        cls, conn: AsyncCallerConnection | None, rows: Iterable[Values]
    ) -> list[Self]:
        if observation.observer is None:
            return await super()._create_many(conn, rows)
        with observation.observer(cls.__table__, list(rows)) as insert:
            jobs = await super()._create_many(conn, insert.rows)
            insert.inserted([job.id for job in jobs])
        return jobs

    @classmethod
    def _create_many_sync(cls, conn: CallerConnection | None, rows: Iterable[Values]) -> list[Self]:
        if observation.observer is None:
            return super()._create_many_sync(conn, rows)
        with observation.observer(cls.__table__, list(rows)) as insert:
            jobs = super()._create_many_sync(conn, insert.rows)
            insert.inserted([job.id for job in jobs])
        return jobs

    @classmethod
    async def _insert_many(cls, conn: AsyncCallerConnection | None, rows: Iterable[Values]) -> int:
        if observation.observer is None:
            return await super()._insert_many(conn, rows)
        with observation.observer(cls.__table__, list(rows)) as insert:
            return await super()._insert_many(conn, insert.rows)

    @classmethod
    def _insert_many_sync(cls, conn: CallerConnection | None, rows: Iterable[Values]) -> int:
        if observation.observer is None:
            return super()._insert_many_sync(conn, rows)
        with observation.observer(cls.__table__, list(rows)) as insert:
            return super()._insert_many_sync(conn, insert.rows)

    @classmethod
    async def _get_or_create(
        cls, conn: AsyncCallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        if observation.observer is None:
            return await super()._get_or_create(conn, values)
        with observation.observer(cls.__table__, [values]) as insert:
            job, is_new = await super()._get_or_create(conn, insert.rows[0])
            insert.inserted([job.id], is_new=is_new)
        return job, is_new

    @classmethod
    def _get_or_create_sync(
        cls, conn: CallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        if observation.observer is None:
            return super()._get_or_create_sync(conn, values)
        with observation.observer(cls.__table__, [values]) as insert:
            job, is_new = super()._get_or_create_sync(conn, insert.rows[0])
            insert.inserted([job.id], is_new=is_new)
        return job, is_new

    @classmethod
    async def _update_or_create(
        cls, conn: AsyncCallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        if observation.observer is None:
            return await super()._update_or_create(conn, values)
        with observation.observer(cls.__table__, [values]) as insert:
            job, is_new = await super()._update_or_create(conn, insert.rows[0])
            insert.inserted([job.id], is_new=is_new)
        return job, is_new

    @classmethod
    def _update_or_create_sync(
        cls, conn: CallerConnection | None, values: Values
    ) -> tuple[Self, bool]:
        if observation.observer is None:
            return super()._update_or_create_sync(conn, values)
        with observation.observer(cls.__table__, [values]) as insert:
            job, is_new = super()._update_or_create_sync(conn, insert.rows[0])
            insert.inserted([job.id], is_new=is_new)
        return job, is_new
