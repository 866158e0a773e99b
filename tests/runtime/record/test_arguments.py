"""Wrong arguments of records are refused with an error that says what to do."""

from __future__ import annotations

import asyncio
import copy
import importlib
import pickle
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy
from jobgen_runtime import Record, Table, configure, install_schema, install_schema_sync
from jobgen_runtime.database import close_pool_sync

from tests.support.shop_types import Band, Color, ProbeJob


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
    with pytest.raises(TypeError, match=r"must be a psycopg.AsyncConnection, not str\. Leave it"):
        asyncio.run(call("ada@example.org"))
    with psycopg.connect(app_database) as conn, pytest.raises(TypeError, match="ends in _sync"):
        asyncio.run(call(conn))


@pytest.mark.parametrize("method", SYNC)
def test_synchronous_method_refuses_objects_that_are_not_sync_connections(
    app_database: str, method: str
) -> None:
    call = SYNC[method]
    with pytest.raises(TypeError, match=r"must be a psycopg.Connection, not uuid\.UUID"):
        call(uuid4())

    async def body() -> None:
        async with await psycopg.AsyncConnection.connect(app_database) as conn:
            with pytest.raises(TypeError, match="does not end in _sync"):
                call(conn)

    asyncio.run(body())


def test_connection_of_a_framework_names_where_the_drivers_is() -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://")
    with pytest.raises(
        TypeError, match=r"not sqlalchemy\.engine\.base\.Engine\. Pass the `driver_c"
    ):
        Band.create_sync(engine, name="x")  # type: ignore[arg-type]  # the mistake
    wrapper = importlib.import_module("django.db.backends.base.base").BaseDatabaseWrapper
    with pytest.raises(
        TypeError, match=r"Wrapper\. Inside `atomic\(\)`, pass `connection\.connecti"
    ):
        Band.create_sync(wrapper.__new__(wrapper), name="x")


def test_wrapper_that_passes_attributes_through_is_a_connection(url: str) -> None:
    class Wrapper:
        def __init__(self, conn: object) -> None:
            self._conn = conn

        def __getattr__(self, name: str) -> object:
            return getattr(self._conn, name)

    with psycopg.connect(url) as conn:
        band = Band.create_sync(Wrapper(conn), name="x")  # type: ignore[arg-type]  # the mistake
        assert Band.get_sync(band.id, conn=conn) == band


@pytest.mark.parametrize(
    "call",
    [
        lambda: Band.create_sync(color=Color.RED),  # type: ignore[call-arg]  # the mistake
        lambda: Band.create_many_sync([{"name": "x"}, {"color": Color.RED}]),  # type: ignore[typeddict-item]  # the mistake
        lambda: Band.insert_many_sync([{"name": None}]),  # type: ignore[typeddict-item]  # the mistake
    ],
)
def test_databases_error_about_a_missing_value_names_the_argument(
    url: str, call: Callable[[], object]
) -> None:
    with pytest.raises(psycopg.errors.NotNullViolation, match='"name" of relation "b') as raised:
        call()
    [note] = raised.value.__notes__
    assert note.endswith("() needs a value for `name`: the column name of bands is NOT NULL.")


def test_databases_error_about_an_unknown_column_names_jobgen_types(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER TABLE bands ADD city text NOT NULL")
    with pytest.raises(psycopg.errors.NotNullViolation, match="city") as raised:
        Band.create_sync(name="x")
    [note] = raised.value.__notes__
    assert note == "Generated/Types.py does not know the column city of bands: run `jobgen types`."


def test_record_class_that_is_called_names_create_and_build() -> None:
    message = r"Band\(…\) makes no row. Insert one with `await Band.create\(…\)`.*`Band.build\(…\)`"
    with pytest.raises(TypeError, match=message):
        Band(name="x")  # type: ignore[call-arg]  # the mistake
    with pytest.raises(TypeError, match=message):
        Band()


def test_types_file_of_a_newer_version_is_told_from_a_mistake() -> None:
    message = r"does not know x, y of Table: Generated/Types.py was written by a newer jobgen"
    with pytest.raises(TypeError, match=message):
        Table("bands", columns=("id",), x=1, y=2)  # type: ignore[call-arg]  # the mistake
    with pytest.raises(AttributeError, match="Upgrade jobgen-runtime to the version of jobgen"):
        Table.UUID9  # type: ignore[attr-defined]  # noqa: B018 -- the mistake
    assert not hasattr(Table, "__wrapped__")


def test_record_of_an_older_types_file_names_jobgen_types() -> None:
    band = row(Old._build({}))
    for name in ("update", "update_sync"):
        with pytest.raises(AttributeError, match="is of an older version: run `jobgen types`"):
            getattr(band, name)


def test_attribute_that_a_record_does_not_have_names_jobgen_types() -> None:
    band = some_band()
    message = "'Band' object has no attribute 'nmae'. If it is a column of the table, run `jobgen t"
    with pytest.raises(AttributeError, match=message) as raised:
        _ = band.nmae  # type: ignore[attr-defined]  # the mistake
    assert (raised.value.name, raised.value.obj) == ("nmae", band)
    assert not hasattr(band, "__html__")
    assert not hasattr(band, "_repr_html_")


def test_error_inside_a_property_of_a_derived_class_is_not_hidden() -> None:
    class Named(Band):
        @property
        def label(self) -> str:
            return self.nmae.upper()  # type: ignore[attr-defined, no-any-return]  # the mistake

    with pytest.raises(AttributeError, match="'Named' object has no attribute 'nmae'"):
        _ = Named.build(name="x").label


def test_record_can_be_copied_and_pickled() -> None:
    for band in (some_band(), row(some_band())):
        for again in (copy.copy(band), copy.deepcopy(band), pickle.loads(pickle.dumps(band))):  # noqa: S301 -- pickled here
            assert again == band
            assert hasattr(again, "_is_built") == hasattr(band, "_is_built")
