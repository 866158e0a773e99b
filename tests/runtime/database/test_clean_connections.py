"""A borrower of a pooled connection sees no changes of the previous one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from jobgen_runtime import configure
from jobgen_runtime.database import close_pool, close_pool_sync, pool, pool_sync
from psycopg import IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from tests.support.shop_types import Band

STATE = """
    SELECT current_user::TEXT, session_user::TEXT, current_setting('search_path'),
        current_setting('statement_timeout'), current_setting('default_transaction_read_only'),
        current_setting('TimeZone'), current_setting('client_encoding'),
        current_setting('transaction_isolation'), COALESCE(current_setting('my.setting', TRUE), ''),
        to_regclass('pg_temp.bands')::TEXT,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
        (SELECT count(*) FROM pg_prepared_statements WHERE from_sql),
        (SELECT count(*) FROM pg_cursors WHERE NOT statement LIKE '%pg_cursors%'),
        (SELECT count(*) FROM pg_listening_channels())
"""

STATEMENTS = [
    "SET search_path TO pg_catalog, public",
    "SET ROLE pg_read_all_data",
    "SET SESSION AUTHORIZATION pg_read_all_data",
    "SET statement_timeout = '7s'",
    "SET default_transaction_read_only = on",
    "SET TimeZone = 'Asia/Tokyo'",
    "SET client_encoding = 'LATIN1'",
    "SET default_transaction_isolation = 'serializable'",
    "SELECT set_config('my.setting', 'x', FALSE)",
    "CREATE TEMP TABLE bands (name text)",
    "SELECT 1 AS one INTO TEMP bands",
    "SELECT pg_advisory_lock(1)",
    "PREPARE mine AS SELECT 1",
    "DECLARE mine CURSOR WITH HOLD FOR SELECT 1",
    "LISTEN mine",
    "BEGIN; SET search_path TO pg_catalog",
    "DO $$ BEGIN PERFORM set_config('my.setting', 'x', FALSE); END $$",
]


@pytest.fixture(autouse=True)
def one_connection(app_database: str) -> Iterator[None]:
    configure(app_database, pool_size=1)
    yield
    close_pool_sync()
    configure()


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        try:
            await body()
        finally:
            await close_pool()

    asyncio.run(within())


async def state() -> tuple[Any, ...]:
    async with (await pool()).connection() as conn:
        row = await (await conn.execute(STATE)).fetchone()
        assert row is not None
        return (conn.info.backend_pid, *row)


def state_sync() -> tuple[Any, ...]:
    with pool_sync().connection() as conn:
        row = conn.execute(STATE).fetchone()
        assert row is not None
        return (conn.info.backend_pid, *row)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statement_of_one_borrower_leaves_nothing_for_the_next(statement: str) -> None:
    async def body() -> None:
        clean = await state()
        async with (await pool()).connection() as conn:
            await conn.execute(statement.encode())
        assert await state() == clean
        assert (await Band.create(name="x")).name == "x"

    run(body)
    clean = state_sync()
    with pool_sync().connection() as conn:
        conn.execute(statement.encode())
    assert state_sync() == clean
    assert Band.create_sync(name="x").name == "x"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT *, set_config('my.setting', 'x', FALSE) FROM bands",
        "SELECT *, pg_advisory_lock(1) FROM bands",
        "WITH x AS (SELECT pg_catalog.pg_advisory_lock(1)) SELECT bands.* FROM bands, x",
        "SET statement_timeout = '7s'; SELECT * FROM bands",
        "SET search_path TO pg_catalog",
    ],
)
def test_query_of_a_record_leaves_nothing_for_the_next_borrower(query: Any) -> None:
    async def body() -> None:
        await Band.create(name="x")
        clean = await state()
        with suppress(psycopg.Error):
            await Band.fetch_all(query)
        assert await state() == clean

    run(body)
    clean = state_sync()
    with suppress(psycopg.Error):
        Band.fetch_all_sync(query)
    assert state_sync() == clean


LEAVES_STATE = """
    CREATE FUNCTION leave_state() RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('my.setting', 'x', FALSE), pg_advisory_lock(1);
        SET search_path TO pg_catalog, public;
        SET statement_timeout = '7s';
        CREATE TEMP TABLE bands (name text);
        LISTEN mine;
        RETURN 'x';
    END $$;
"""

PLACES = {
    "trigger": """
        CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM leave_state();
            RETURN NULL;
        END $$;
        CREATE TRIGGER on_insert AFTER INSERT ON bands EXECUTE FUNCTION on_insert();
    """,
    "default": """
        ALTER TABLE bands ALTER class SET DEFAULT length(leave_state());
    """,
}


@pytest.mark.parametrize("place", PLACES)
def test_code_that_a_table_runs_leaves_nothing_for_the_next_borrower(
    app_database: str, place: str
) -> None:
    with psycopg.connect(app_database) as conn:
        conn.execute((LEAVES_STATE + PLACES[place]).encode())

    async def body() -> None:
        clean = await state()
        for _ in range(10):
            await Band.create(name="x")
            assert await state() == clean

    run(body)
    clean = state_sync()
    for _ in range(10):
        Band.create_sync(name="x")
        assert state_sync() == clean


def test_query_over_a_view_leaves_nothing_for_the_next_borrower(app_database: str) -> None:
    with psycopg.connect(app_database) as conn:
        view = "CREATE VIEW all_bands AS SELECT b.* FROM bands b, LATERAL (SELECT leave_state()) s"
        conn.execute(f"{LEAVES_STATE} {view}".encode())
        conn.execute("INSERT INTO bands (name) VALUES ('x')")
    clean = state_sync()
    for _ in range(10):
        assert len(Band.fetch_all_sync("SELECT * FROM all_bands")) == 1
        assert state_sync() == clean


def test_reset_keeps_what_the_address_and_the_login_set(
    app_database: str, make_role: Callable[[], str]
) -> None:
    role = make_role()
    with psycopg.connect(app_database) as conn:
        conn.execute(
            f"""
            ALTER ROLE "{role}" SET role = 'pg_read_all_data';
            ALTER ROLE "{role}" SET my.setting = 'of the login';
            GRANT pg_read_all_data TO "{role}";
            """.encode()
        )
    options = "-c statement_timeout=7s -c TimeZone=Etc/UTC -c DateStyle=German"
    configure(make_conninfo(app_database, user=role, options=options), pool_size=1)
    close_pool_sync()
    first = state_sync()
    assert first[1:3] == ("pg_read_all_data", role)
    assert "7s" in first
    assert "UTC" in first
    assert "of the login" in first
    assert state_sync() == first
    assert Band.fetch_all_sync("SELECT * FROM bands") == []
    assert state_sync() == first


def test_attributes_of_a_lent_connection_are_reset() -> None:
    def attributes(conn: Any) -> tuple[Any, ...]:
        return (
            conn.autocommit,
            conn.isolation_level,
            conn.read_only,
            conn.deferrable,
            conn.row_factory,
            conn.cursor_factory,
            conn.server_cursor_factory,
            conn.prepare_threshold,
            conn.prepared_max,
            conn.adapters.get_loader(psycopg.adapters.types["uuid"].oid, psycopg.pq.Format.TEXT),
        )

    class TextLoader(psycopg.adapt.Loader):
        def load(self, data: Any) -> str:
            return bytes(data).decode()

    with pool_sync().connection() as conn:
        first = attributes(conn)
        backend = conn.info.backend_pid
        changed: Any = conn
        changed.autocommit = False
        changed.isolation_level = IsolationLevel.SERIALIZABLE
        changed.read_only = changed.deferrable = True
        changed.row_factory = dict_row
        changed.cursor_factory = psycopg.ClientCursor
        changed.prepare_threshold = 0
        changed.prepared_max = 1
        changed.adapters.register_loader("uuid", TextLoader)
        changed.add_notice_handler(print)
    with pool_sync().connection() as conn:
        assert conn.info.backend_pid == backend
        assert attributes(conn) == first
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_prepared_statements_of_records_survive_calls_that_change_no_session() -> None:
    with pool_sync().connection():
        pass
    for _ in range(20):
        Band.create_sync(name="x")
    Band.fetch_all_sync("SELECT * FROM bands WHERE name = %s ORDER BY id", ["x"])
    with pool_sync().connection() as conn:
        [(count,)] = conn.execute("SELECT count(*) FROM pg_prepared_statements")
    assert count == 1


def test_connection_whose_session_ended_is_replaced() -> None:
    with pool_sync().connection() as conn:
        first = conn.info.backend_pid
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert Band.create_sync(name="x").name == "x"
    with pool_sync().connection() as conn:
        assert conn.info.backend_pid != first
