"""Typed records of Application/Schema.sql, written by `jobgen types`. Do not edit."""

# ruff: noqa
# ruff: noqa: PGH004

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Required, Self, TypedDict, Unpack
from uuid import UUID

from jobgen_runtime import (
    AsyncCallerConnection,
    CallerConnection,
    JobRecord,
    JobStatus,
    Record,
    Table,
)


class Band(Record):
    """A row of `bands`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: UUID
        name: Required[str]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: UUID
        name: str

    __table__: ClassVar = Table(
        "bands",
        columns=("id", "name"),
        key=("id",),
        required=("name",),
        defaults={"id": Table.UUID7},
    )

    id: UUID
    name: str

    @classmethod
    async def create(
        cls,
        conn: AsyncCallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> Self:
        return await cls._create(conn, values)

    @classmethod
    def create_sync(
        cls,
        conn: CallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> Self:
        return cls._create_sync(conn, values)

    @classmethod
    async def create_many(
        cls,
        rows: Iterable[Values],
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> list[Self]:
        return await cls._create_many(conn, rows)

    @classmethod
    def create_many_sync(
        cls,
        rows: Iterable[Values],
        /,
        conn: CallerConnection | None = None,
    ) -> list[Self]:
        return cls._create_many_sync(conn, rows)

    @classmethod
    async def insert_many(
        cls,
        rows: Iterable[Values],
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> int:
        return await cls._insert_many(conn, rows)

    @classmethod
    def insert_many_sync(
        cls,
        rows: Iterable[Values],
        /,
        conn: CallerConnection | None = None,
    ) -> int:
        return cls._insert_many_sync(conn, rows)

    @classmethod
    def build(cls, **values: Unpack[Values]) -> Self:
        return cls._build(values)

    @classmethod
    async def get(
        cls,
        id: UUID,
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> Self:
        return await cls._get(conn, (id,))

    @classmethod
    def get_sync(
        cls,
        id: UUID,
        /,
        conn: CallerConnection | None = None,
    ) -> Self:
        return cls._get_sync(conn, (id,))

    async def update(
        self,
        conn: AsyncCallerConnection | None = None,
        /,
        **changes: Unpack[Changes],
    ) -> Self:
        return await self._update(conn, changes)

    def update_sync(
        self,
        conn: CallerConnection | None = None,
        /,
        **changes: Unpack[Changes],
    ) -> Self:
        return self._update_sync(conn, changes)


class InitialScrapeJob(JobRecord):
    """A row of `initial_scrape_jobs`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: UUID
        created_at: datetime
        updated_at: datetime
        status: JobStatus
        last_error: str | None
        attempts_count: int
        locked_at: datetime | None
        locked_by: UUID | None
        run_at: datetime
        band_id: Required[UUID]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        band_id: UUID

    __table__: ClassVar = Table(
        "initial_scrape_jobs",
        columns=(
            "id",
            "created_at",
            "updated_at",
            "status",
            "last_error",
            "attempts_count",
            "locked_at",
            "locked_by",
            "run_at",
            "band_id",
        ),
        key=("id",),
        enums={"status": JobStatus},
        required=("band_id",),
    )

    band_id: UUID

    @classmethod
    async def create(
        cls,
        conn: AsyncCallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> Self:
        return await cls._create(conn, values)

    @classmethod
    def create_sync(
        cls,
        conn: CallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> Self:
        return cls._create_sync(conn, values)

    @classmethod
    async def create_many(
        cls,
        rows: Iterable[Values],
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> list[Self]:
        return await cls._create_many(conn, rows)

    @classmethod
    def create_many_sync(
        cls,
        rows: Iterable[Values],
        /,
        conn: CallerConnection | None = None,
    ) -> list[Self]:
        return cls._create_many_sync(conn, rows)

    @classmethod
    async def insert_many(
        cls,
        rows: Iterable[Values],
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> int:
        return await cls._insert_many(conn, rows)

    @classmethod
    def insert_many_sync(
        cls,
        rows: Iterable[Values],
        /,
        conn: CallerConnection | None = None,
    ) -> int:
        return cls._insert_many_sync(conn, rows)

    @classmethod
    def build(cls, **values: Unpack[Values]) -> Self:
        return cls._build(values)

    @classmethod
    async def get(
        cls,
        id: UUID,
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> Self:
        return await cls._get(conn, (id,))

    @classmethod
    def get_sync(
        cls,
        id: UUID,
        /,
        conn: CallerConnection | None = None,
    ) -> Self:
        return cls._get_sync(conn, (id,))

    async def update(
        self,
        conn: AsyncCallerConnection | None = None,
        /,
        **changes: Unpack[Changes],
    ) -> Self:
        return await self._update(conn, changes)

    def update_sync(
        self,
        conn: CallerConnection | None = None,
        /,
        **changes: Unpack[Changes],
    ) -> Self:
        return self._update_sync(conn, changes)
