"""Wrong arguments of records are refused with an error that says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
import pytest
from jobgen_runtime import Record, Table, configure, install_schema, install_schema_sync
from jobgen_runtime.database import close_pool_sync

from tests.support.shop_types import Band, ProbeJob


@pytest.fixture
def url(app_database: str) -> Iterator[str]:
    configure(app_database)
    yield app_database
    close_pool_sync()
    configure(None)


class Old(Record):
    """A record without the generated members that came later."""

    __table__: ClassVar = Table("bands", columns=("id",), key=("id",))


def some_band() -> Band:
    return Band.build(name="x", id=uuid4())


def row(record: Any) -> Any:
    """Return the record as if it had been read from the database."""
    cls: Any = type(record)
    copied = cls.__new__(cls)
    copied.__dict__ = record.__dict__
    return copied


ASYNC: dict[str, Callable[[Any], Coroutine[Any, Any, Any]]] = {
    "create": lambda conn: Band.create(conn, name="x"),
    "create_many": lambda conn: Band.create_many([{"name": "x"}], conn=conn),
    "insert_many": lambda conn: Band.insert_many([{"name": "x"}], conn=conn),
    "get": lambda conn: Band.get(uuid4(), conn=conn),
    "fetch_all": lambda conn: Band.fetch_all("SELECT * FROM bands", conn=conn),
    "refresh": lambda conn: row(some_band()).refresh(conn),
    "update": lambda conn: row(some_band()).update(conn, name="x"),
    "delete": lambda conn: row(some_band()).delete(conn),
    "cancel": lambda conn: row(ProbeJob.build()).cancel(conn),
    "retry": lambda conn: row(ProbeJob.build()).retry(conn),
    "delete of a job": lambda conn: row(ProbeJob.build()).delete(conn),
    "pause": ProbeJob.pause,
    "resume": ProbeJob.resume,
    "install_schema": install_schema,
}
SYNC: dict[str, Callable[[Any], Any]] = {
    "create": lambda conn: Band.create_sync(conn, name="x"),
    "create_many": lambda conn: Band.create_many_sync([{"name": "x"}], conn=conn),
    "insert_many": lambda conn: Band.insert_many_sync([{"name": "x"}], conn=conn),
    "get": lambda conn: Band.get_sync(uuid4(), conn=conn),
    "fetch_all": lambda conn: Band.fetch_all_sync("SELECT * FROM bands", conn=conn),
    "refresh": lambda conn: row(some_band()).refresh_sync(conn),
    "update": lambda conn: row(some_band()).update_sync(conn, name="x"),
    "delete": lambda conn: row(some_band()).delete_sync(conn),
    "cancel": lambda conn: row(ProbeJob.build()).cancel_sync(conn),
    "retry": lambda conn: row(ProbeJob.build()).retry_sync(conn),
    "delete of a job": lambda conn: row(ProbeJob.build()).delete_sync(conn),
    "pause": ProbeJob.pause_sync,
    "resume": ProbeJob.resume_sync,
    "install_schema": install_schema_sync,
}


@pytest.mark.parametrize("method", ASYNC)
def test_asynchronous_method_refuses_objects_that_are_not_async_connections(
    app_database: str, method: str
) -> None:
    call = ASYNC[method]
    expected = r"a psycopg.AsyncConnection or a connection of SQLAlchemy, not str\. Leave it"
    with pytest.raises(TypeError, match=expected):
        asyncio.run(call("ada@example.org"))
    with psycopg.connect(app_database) as conn, pytest.raises(TypeError, match="ends in _sync"):
        asyncio.run(call(conn))


@pytest.mark.parametrize("method", SYNC)
def test_synchronous_method_refuses_objects_that_are_not_sync_connections(
    app_database: str, method: str
) -> None:
    call = SYNC[method]
    expected = r"psycopg.Connection or a connection of SQLAlchemy or Django, not uuid\.UUID\. Leave"
    with pytest.raises(TypeError, match=expected):
        call(uuid4())

    async def body() -> None:
        async with await psycopg.AsyncConnection.connect(app_database) as conn:
            with pytest.raises(TypeError, match="does not end in _sync"):
                call(conn)

    asyncio.run(body())
