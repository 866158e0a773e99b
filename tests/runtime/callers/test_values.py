"""A record has the same values whichever driver has written and read its row."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_network
from types import ModuleType
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Error
from psycopg.errors import FeatureNotSupported
from psycopg.types.json import Jsonb
from psycopg.types.range import Range
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.support.callers import make_async_engine, make_engine
from tests.types_file.rendering import rendered

SCHEMA = """
CREATE TYPE mood AS ENUM ('fine', 'so, so', '"quoted"');
CREATE DOMAIN positive AS INT;
CREATE DOMAIN words AS TEXT[];
CREATE TYPE pair AS (a INT, b TEXT);
CREATE TABLE things (
    id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "odd "" 100% :name $1 'x' {}" TEXT,
    a_column_with_a_name_of_the_greatest_length_that_postgresql_has INT,
    char4 CHAR(4), varchar5 VARCHAR(5), flag BOOLEAN, tiny INT2, small INT4, big INT8,
    number NUMERIC, price NUMERIC(10,2), single FLOAT4, double FLOAT8, raw BYTEA,
    day DATE, moment TIMESTAMPTZ, local TIMESTAMP, clock TIME, zoned TIMETZ, span INTERVAL,
    uid UUID, plain JSON, binary_json JSONB, address INET, network CIDR, mac MACADDR,
    numbers INT4RANGE, moments TSTZRANGE, many INT4MULTIRANGE, strings TEXT[], matrix INT[],
    prices NUMERIC[], days DATE[], times TIMESTAMPTZ[], spans INTERVAL[], blobs BYTEA[],
    uids UUID[], documents JSONB[], mood MOOD, moods MOOD[], positive POSITIVE, words WORDS,
    pair PAIR, vector TSVECTOR, point POINT, bits BIT(3), letter "char", catalog NAME
);
"""
FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
MEANINGFUL = """
' " \\ % %s %% $1 :x $$ -- /* ; {} NULL \\' E'
"""
TEXTS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5
) | st.sampled_from(MEANINGFUL.split(" "))
NEPAL, ALASKA = timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9))
ZONES = st.sampled_from([UTC, NEPAL, ALASKA])
SOME = datetime(2026, 1, 2, tzinfo=UTC)
DATES = st.dates()
MOMENTS = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=ZONES)
LOCALS = st.datetimes()
SPANS = st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000))
NUMBERS = st.decimals(allow_infinity=False, min_value=-(10**20), max_value=10**20)
FLOATS = st.floats(width=32)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Return lists, with NULL among the values."""
    return st.lists(values | st.none(), max_size=3)


STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "char4": st.text("ab %'", max_size=4),
    "varchar5": TEXTS,
    "flag": st.booleans(),
    "tiny": st.integers(-(2**15), 2**15),
    "small": st.integers(-(2**31), 2**31 - 1),
    "big": st.integers(-(2**63), 2**63),
    "number": NUMBERS,
    "price": NUMBERS,
    "single": FLOATS,
    "double": st.floats(),
    "raw": st.binary(max_size=8),
    "day": DATES,
    "moment": MOMENTS,
    "local": LOCALS,
    "clock": st.times(),
    "zoned": st.builds(lambda at, zone: at.replace(tzinfo=zone), st.times(), ZONES),
    "span": SPANS,
    "uid": st.uuids(),
    "plain": DOCUMENTS,
    "binary_json": DOCUMENTS | st.builds(Jsonb, DOCUMENTS),
    "address": st.ip_addresses(),
    "network": st.ip_addresses(v=4).map(ip_network),
    "mac": st.just("08:00:2b:01:02:03"),
    "numbers": st.builds(Range, st.integers(-5, 0), st.integers(0, 5)),
    "moments": st.builds(Range, MOMENTS.filter(lambda at: at.year < 2000), st.none()),
    "many": st.just("{[1,3),[5,8)}"),
    "strings": several(TEXTS),
    "matrix": st.just([[1, 2], [3, 4]]),
    "prices": several(NUMBERS),
    "days": several(DATES),
    "times": several(MOMENTS),
    "spans": several(SPANS),
    "blobs": several(st.binary(max_size=8)),
    "uids": several(st.uuids()),
    "documents": several(DOCUMENTS),
    "positive": st.integers(0, 9),
    "words": several(TEXTS),
    "pair": st.just('(1,"a ""b"" \\\\ c")'),
    "vector": st.just("'a':1 'b':2"),
    "point": st.just("(1,2)"),
    "bits": st.just("101"),
    "letter": st.sampled_from(["a", "'", "%"]),
    "catalog": st.just("pg_class"),
}

ANY_VALUES = st.fixed_dictionaries({}, optional=STRATEGIES)


@dataclass(frozen=True)
class Drivers:
    """Open connections of each driver in autocommit mode, and the record."""

    record: Any
    psycopg: psycopg.Connection[Any]
    psycopg2: Connection
    asyncpg: AsyncConnection
    runner: asyncio.Runner

    def outcomes(self, method: str, *arguments: Any, **values: Any) -> list[str]:
        """Return the outcome of a call over each driver."""
        call, call_async = getattr(self.record, f"{method}_sync"), getattr(self.record, method)
        return [
            outcome(lambda: call(*arguments, self.psycopg, **values)),
            outcome(lambda: call(*arguments, self.psycopg2, **values)),
            outcome(lambda: self.runner.run(call_async(*arguments, self.asyncpg, **values))),
        ]


@pytest.fixture(scope="module")
def drivers(runtime_database: str) -> Iterator[Drivers]:
    """Connections whose time zone has a name and a half hour."""
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute(SCHEMA.encode())
        name = conn.info.dbname
        conn.execute(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Kolkata'".encode())
    module = ModuleType("thing_types")
    sys.modules[module.__name__] = module
    exec(rendered(SCHEMA), module.__dict__)  # noqa: S102 -- Types.py of the test's schema
    other = make_engine(runtime_database, "psycopg2", isolation_level="AUTOCOMMIT")
    another = make_async_engine(runtime_database, "asyncpg", isolation_level="AUTOCOMMIT")
    with (
        psycopg.connect(runtime_database, autocommit=True) as conn,
        other.connect() as psycopg2,
        asyncio.Runner() as runner,
    ):
        asyncpg = runner.run(_open(another))
        yield Drivers(module.Thing, conn, psycopg2, asyncpg, runner)
        runner.run(asyncpg.close())
    del sys.modules[module.__name__]


async def _open(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


def outcome(call: Callable[[], Any]) -> str:
    """Return the values of the record that a call returns, or the name of its error."""
    try:
        record = call()
    except Error as error:
        return f"{type(error).__name__} {error.sqlstate}"
    return repr({name: value for name, value in vars(record).items() if name != "id"})


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(values=ANY_VALUES, moods=st.lists(st.integers(0, 2), max_size=2))
def test_any_values_make_the_same_record_over_each_driver(
    drivers: Drivers, values: dict[str, Any], moods: list[int]
) -> None:
    if moods:
        members = [list(drivers.record.__table__.enums["mood"])[number] for number in moods]
        values = {**values, "mood": members[0], "moods": members}
    expected, *others = drivers.outcomes("create", **values)
    assert others == [expected] * 2


def test_values_that_python_does_not_have_are_read_alike(drivers: Drivers) -> None:
    row = drivers.psycopg.execute("""
        INSERT INTO things (day, moment, local, span, days, number, double, moments, zoned)
        VALUES ('infinity', '-infinity', 'infinity', '1 year 2 mons', '{-infinity,NULL}', 'NaN',
            '-Infinity', '(,infinity)', '12:00+05:30')
        RETURNING id
    """).fetchone()
    assert row is not None
    expected, *others = drivers.outcomes("get", row[0])
    assert "datetime.date(9999, 12, 31)" in expected
    assert "zoneinfo.ZoneInfo(key='Asia/Kolkata')" in drivers.outcomes("create", moment=SOME)[2]
    assert others == [expected] * 2


def test_parameters_of_a_query_are_compared_alike(drivers: Drivers) -> None:
    record = drivers.record
    [odd] = [name for name in record.Values.__annotations__ if name.startswith("odd")]
    values: dict[str, Any] = {odd: "x", "price": Decimal("1.50"), "raw": b"\\'\0%", "tiny": 7}
    made = record.create_sync(drivers.psycopg, **values)
    one = "SELECT * FROM things WHERE id = %s"
    cases: list[tuple[str | bytes, Any]] = [
        (f"{one} AND price = %s;", [made.id, Decimal("1.5")]),
        ("SELECT * FROM things WHERE id=%(i)s AND raw=%(b)s", {"i": made.id, "b": b"\\'\0%"}),
        (f"{one} AND tiny - %s = %s -- 100%%", [made.id, -1, 8]),
        (f"SELECT * FROM things WHERE id = {made.id} /* 100% */", None),  # noqa: S608 -- a number
        ("SELECT * FROM things WHERE id = ANY(%s) LIMIT %s", [[made.id, None], 1]),
        (f"{one} FOR UPDATE", [made.id]),
        (b"UPDATE things SET tiny = tiny WHERE id = %s RETURNING *", [made.id]),
    ]
    for query, params in cases:
        for found in (
            record.fetch_all_sync(query, params, conn=drivers.psycopg),
            record.fetch_all_sync(query, params, conn=drivers.psycopg2),
            drivers.runner.run(record.fetch_all(query, params, conn=drivers.asyncpg)),
        ):
            assert [repr(vars(each)) for each in found] == [repr(vars(made))], query
    wrong: list[tuple[str, list[int]]] = [("SELECT %s", []), ("SELECT %s %s", [1]), ("%d", [1])]
    for query, params in wrong:
        for conn in (drivers.psycopg, drivers.psycopg2):
            with pytest.raises(psycopg.ProgrammingError):
                record.fetch_all_sync(query, params, conn=conn)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM things WHERE pair = '%s'",
        "SELECT * FROM things WHERE pair = E'\\'%s'",
        'SELECT * FROM things WHERE "%s" = 1',
        "SELECT * FROM things WHERE pair = $$%s$$",
        "SELECT * FROM things WHERE pair = $a$ $$ %s $a$",
        "SELECT * FROM things -- %s",
        "SELECT * FROM things /* %s */",
        "SELECT * FROM things WHERE pair = 'x%s",
    ],
)
def test_placeholder_inside_quotes_is_refused_over_each_driver(
    drivers: Drivers, query: str
) -> None:
    for conn in (drivers.psycopg, drivers.psycopg2):
        with pytest.raises(psycopg.Error):
            drivers.record.fetch_all_sync(query, ["' OR true --\n"], conn=conn)
    with pytest.raises(psycopg.ProgrammingError, match="inside quotes or a comment"):
        drivers.record.fetch_all_sync(query, ["' OR true --\n"], conn=drivers.psycopg2)


def test_query_that_begins_with_a_change_says_what_runs_it(drivers: Drivers) -> None:
    query = "WITH a AS (UPDATE things SET tiny = 1 RETURNING *) SELECT * FROM a"
    drivers.record.fetch_all_sync(query, conn=drivers.psycopg)
    with pytest.raises(FeatureNotSupported) as raised:
        drivers.record.fetch_all_sync(query, conn=drivers.psycopg2)
    assert "psycopg 3 runs it as it is" in raised.value.__notes__[0]


def test_strings_are_safe_without_standard_conforming_strings(drivers: Drivers) -> None:
    drivers.psycopg2.exec_driver_sql("SET standard_conforming_strings = off")
    driver: Any = drivers.psycopg2.connection.driver_connection
    driver.set_client_encoding("SJIS")
    text = "\\'; SELECT 1; -- \u8868\\"
    values: dict[str, Any] = {"strings": [text], "catalog": "a\\b", "raw": b"\\"}
    made = drivers.record.create_sync(drivers.psycopg2, **values)
    driver.set_client_encoding("UTF8")
    drivers.psycopg2.exec_driver_sql("RESET ALL")
    read = drivers.record.get_sync(made.id, conn=drivers.psycopg)
    assert {name: getattr(read, name) for name in values} == values
    assert made == read
