"""Typed records of schema.sql, written by `jobgen types`. Do not edit."""

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


class Hero(Record):
    """A row of `hero`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        name: Required[str]
        age: int | None
        id: int
        secret_name: Required[str]
        welcomed_at: datetime | None

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        name: str
        age: int | None
        id: int
        secret_name: str
        welcomed_at: datetime | None

    __table__: ClassVar = Table(
        "hero",
        columns=("name", "age", "id", "secret_name", "welcomed_at"),
        key=("id",),
        required=("name", "secret_name"),
        defaults={"id": Table.DATABASE},
    )

    name: str
    age: int | None
    id: int
    secret_name: str
    welcomed_at: datetime | None

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
        id: int,
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> Self:
        return await cls._get(conn, (id,))

    @classmethod
    def get_sync(
        cls,
        id: int,
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


class User(Record):
    """A row of `users`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        username: Required[str]
        hashed_password: Required[str]
        is_admin: Required[bool]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        username: str
        hashed_password: str
        is_admin: bool

    __table__: ClassVar = Table(
        "users",
        columns=("id", "username", "hashed_password", "is_admin"),
        key=("id",),
        required=("username", "hashed_password", "is_admin"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    username: str
    hashed_password: str
    is_admin: bool

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
        id: int,
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> Self:
        return await cls._get(conn, (id,))

    @classmethod
    def get_sync(
        cls,
        id: int,
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


class WelcomeHeroJob(JobRecord):
    """A row of `welcome_hero_jobs`."""

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
        hero_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        hero_id: int

    __table__: ClassVar = Table(
        "welcome_hero_jobs",
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
            "hero_id",
        ),
        key=("id",),
        enums={"status": JobStatus},
        required=("hero_id",),
    )

    hero_id: int

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
