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


class AuthGroup(Record):
    """A row of `auth_group`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        name: Required[str]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        name: str

    __table__: ClassVar = Table(
        "auth_group",
        columns=("id", "name"),
        key=("id",),
        required=("name",),
        defaults={"id": Table.DATABASE},
    )

    id: int
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


class AuthGroupPermission(Record):
    """A row of `auth_group_permissions`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        group_id: Required[int]
        permission_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        group_id: int
        permission_id: int

    __table__: ClassVar = Table(
        "auth_group_permissions",
        columns=("id", "group_id", "permission_id"),
        key=("id",),
        required=("group_id", "permission_id"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    group_id: int
    permission_id: int

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


class AuthPermission(Record):
    """A row of `auth_permission`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        name: Required[str]
        content_type_id: Required[int]
        codename: Required[str]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        name: str
        content_type_id: int
        codename: str

    __table__: ClassVar = Table(
        "auth_permission",
        columns=("id", "name", "content_type_id", "codename"),
        key=("id",),
        required=("name", "content_type_id", "codename"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    name: str
    content_type_id: int
    codename: str

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


class AuthUser(Record):
    """A row of `auth_user`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        password: Required[str]
        last_login: datetime | None
        is_superuser: Required[bool]
        username: Required[str]
        first_name: Required[str]
        last_name: Required[str]
        email: Required[str]
        is_staff: Required[bool]
        is_active: Required[bool]
        date_joined: Required[datetime]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        password: str
        last_login: datetime | None
        is_superuser: bool
        username: str
        first_name: str
        last_name: str
        email: str
        is_staff: bool
        is_active: bool
        date_joined: datetime

    __table__: ClassVar = Table(
        "auth_user",
        columns=(
            "id",
            "password",
            "last_login",
            "is_superuser",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_staff",
            "is_active",
            "date_joined",
        ),
        key=("id",),
        required=(
            "password",
            "is_superuser",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_staff",
            "is_active",
            "date_joined",
        ),
        defaults={"id": Table.DATABASE},
    )

    id: int
    password: str
    last_login: datetime | None
    is_superuser: bool
    username: str
    first_name: str
    last_name: str
    email: str
    is_staff: bool
    is_active: bool
    date_joined: datetime

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


class AuthUserGroup(Record):
    """A row of `auth_user_groups`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        user_id: Required[int]
        group_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        user_id: int
        group_id: int

    __table__: ClassVar = Table(
        "auth_user_groups",
        columns=("id", "user_id", "group_id"),
        key=("id",),
        required=("user_id", "group_id"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    user_id: int
    group_id: int

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


class AuthUserUserPermission(Record):
    """A row of `auth_user_user_permissions`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        user_id: Required[int]
        permission_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        user_id: int
        permission_id: int

    __table__: ClassVar = Table(
        "auth_user_user_permissions",
        columns=("id", "user_id", "permission_id"),
        key=("id",),
        required=("user_id", "permission_id"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    user_id: int
    permission_id: int

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


class DjangoAdminLog(Record):
    """A row of `django_admin_log`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        action_time: Required[datetime]
        object_id: str | None
        object_repr: Required[str]
        action_flag: Required[int]
        change_message: Required[str]
        content_type_id: int | None
        user_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        action_time: datetime
        object_id: str | None
        object_repr: str
        action_flag: int
        change_message: str
        content_type_id: int | None
        user_id: int

    __table__: ClassVar = Table(
        "django_admin_log",
        columns=(
            "id",
            "action_time",
            "object_id",
            "object_repr",
            "action_flag",
            "change_message",
            "content_type_id",
            "user_id",
        ),
        key=("id",),
        required=(
            "action_time",
            "object_repr",
            "action_flag",
            "change_message",
            "user_id",
        ),
        defaults={"id": Table.DATABASE},
    )

    id: int
    action_time: datetime
    object_id: str | None
    object_repr: str
    action_flag: int
    change_message: str
    content_type_id: int | None
    user_id: int

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


class DjangoContentType(Record):
    """A row of `django_content_type`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        app_label: Required[str]
        model: Required[str]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        app_label: str
        model: str

    __table__: ClassVar = Table(
        "django_content_type",
        columns=("id", "app_label", "model"),
        key=("id",),
        required=("app_label", "model"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    app_label: str
    model: str

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


class DjangoMigration(Record):
    """A row of `django_migrations`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        app: Required[str]
        name: Required[str]
        applied: Required[datetime]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        app: str
        name: str
        applied: datetime

    __table__: ClassVar = Table(
        "django_migrations",
        columns=("id", "app", "name", "applied"),
        key=("id",),
        required=("app", "name", "applied"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    app: str
    name: str
    applied: datetime

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


class DjangoSession(Record):
    """A row of `django_session`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        session_key: Required[str]
        session_data: Required[str]
        expire_date: Required[datetime]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        session_key: str
        session_data: str
        expire_date: datetime

    __table__: ClassVar = Table(
        "django_session",
        columns=("session_key", "session_data", "expire_date"),
        key=("session_key",),
        required=("session_key", "session_data", "expire_date"),
    )

    session_key: str
    session_data: str
    expire_date: datetime

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
        session_key: str,
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> Self:
        return await cls._get(conn, (session_key,))

    @classmethod
    def get_sync(
        cls,
        session_key: str,
        /,
        conn: CallerConnection | None = None,
    ) -> Self:
        return cls._get_sync(conn, (session_key,))

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


class MailResultsJob(JobRecord):
    """A row of `mail_results_jobs`."""

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
        question_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        question_id: int

    __table__: ClassVar = Table(
        "mail_results_jobs",
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
            "question_id",
        ),
        key=("id",),
        enums={"status": JobStatus},
        required=("question_id",),
    )

    question_id: int

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


class PollsChoice(Record):
    """A row of `polls_choice`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        choice_text: Required[str]
        votes: Required[int]
        question_id: Required[int]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        choice_text: str
        votes: int
        question_id: int

    __table__: ClassVar = Table(
        "polls_choice",
        columns=("id", "choice_text", "votes", "question_id"),
        key=("id",),
        required=("choice_text", "votes", "question_id"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    choice_text: str
    votes: int
    question_id: int

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


class PollsQuestion(Record):
    """A row of `polls_question`."""

    class Values(TypedDict, total=False):
        """The arguments of `create` and `build`."""

        id: int
        question_text: Required[str]
        pub_date: Required[datetime]

    class Changes(TypedDict, total=False):
        """The arguments of `update`."""

        id: int
        question_text: str
        pub_date: datetime

    __table__: ClassVar = Table(
        "polls_question",
        columns=("id", "question_text", "pub_date"),
        key=("id",),
        required=("question_text", "pub_date"),
        defaults={"id": Table.DATABASE},
    )

    id: int
    question_text: str
    pub_date: datetime

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
