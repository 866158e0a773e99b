"""The records of the tests' project, as `jobgen types` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Required, Self, TypedDict, Unpack
from uuid import UUID

from jobgen_runtime import (
    AsyncCallerConnection,
    CallerConnection,
    JobRecord,
    JobStatus,
    Record,
    Table,
)


class Color(Enum):
    RED = "red"
    SKY_BLUE = "sky, blue"


class Band(Record):
    """A row of `bands`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: UUID
        name: Required[str]
        color: Color | None
        colors: list[Color]
        class_: int
        document: Any
        documents: list[Any]
        members: list[str]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: UUID
        name: str
        color: Color | None
        colors: list[Color]
        class_: int
        document: Any
        documents: list[Any]
        members: list[str]

    __table__: ClassVar = Table(
        "bands",
        columns=("id", "name", "color", "colors", "class", "document", "documents", "members"),
        key=("id",),
        attributes={"class": "class_"},
        enums={"color": Color, "colors": Color},
        json=("document",),
        json_arrays=("documents",),
        required=("name",),
        defaults={
            "id": Table.UUID7,
            "colors": [],
            "class": 7,
            "documents": [],
            "members": [],
        },
    )

    id: UUID
    name: str
    color: Color | None
    colors: list[Color]
    class_: int
    document: Any
    documents: list[Any]
    members: list[str]

    @classmethod
    async def create(
        cls, conn: AsyncCallerConnection | None = None, /, **values: Unpack[Values]
    ) -> Self:
        return await cls._create(conn, values)

    @classmethod
    def create_sync(cls, conn: CallerConnection | None = None, /, **values: Unpack[Values]) -> Self:
        return cls._create_sync(conn, values)

    @classmethod
    async def create_many(
        cls, rows: Iterable[Values], /, conn: AsyncCallerConnection | None = None
    ) -> list[Self]:
        return await cls._create_many(conn, rows)

    @classmethod
    def create_many_sync(
        cls, rows: Iterable[Values], /, conn: CallerConnection | None = None
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
    async def get(cls, id: UUID, /, conn: AsyncCallerConnection | None = None) -> Self:  # noqa: A002 -- the key
        return await cls._get(conn, (id,))

    @classmethod
    def get_sync(cls, id: UUID, /, conn: CallerConnection | None = None) -> Self:  # noqa: A002 -- the key
        return cls._get_sync(conn, (id,))

    async def update(
        self, conn: AsyncCallerConnection | None = None, /, **changes: Unpack[Changes]
    ) -> Self:
        return await self._update(conn, changes)

    def update_sync(
        self, conn: CallerConnection | None = None, /, **changes: Unpack[Changes]
    ) -> Self:
        return self._update_sync(conn, changes)


class ProbeJob(JobRecord):
    """A row of `probe_jobs`."""

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
        what: str
        moment: datetime | None

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        what: str
        moment: datetime | None

    __table__: ClassVar = Table(
        "probe_jobs",
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
            "what",
            "moment",
        ),
        key=("id",),
        defaults={"what": "return"},
    )

    what: str
    moment: datetime | None

    @classmethod
    async def create(
        cls, conn: AsyncCallerConnection | None = None, /, **values: Unpack[Values]
    ) -> Self:
        return await cls._create(conn, values)

    @classmethod
    def create_sync(cls, conn: CallerConnection | None = None, /, **values: Unpack[Values]) -> Self:
        return cls._create_sync(conn, values)

    @classmethod
    async def create_many(
        cls, rows: Iterable[Values], /, conn: AsyncCallerConnection | None = None
    ) -> list[Self]:
        return await cls._create_many(conn, rows)

    @classmethod
    def create_many_sync(
        cls, rows: Iterable[Values], /, conn: CallerConnection | None = None
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
    async def get(cls, id: UUID, /, conn: AsyncCallerConnection | None = None) -> Self:  # noqa: A002 -- the key
        return await cls._get(conn, (id,))

    @classmethod
    def get_sync(cls, id: UUID, /, conn: CallerConnection | None = None) -> Self:  # noqa: A002 -- the key
        return cls._get_sync(conn, (id,))

    async def update(
        self, conn: AsyncCallerConnection | None = None, /, **changes: Unpack[Changes]
    ) -> Self:
        return await self._update(conn, changes)

    def update_sync(
        self, conn: CallerConnection | None = None, /, **changes: Unpack[Changes]
    ) -> Self:
        return self._update_sync(conn, changes)
