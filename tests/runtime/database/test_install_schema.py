"""Installing the runtime's own schema."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

import psycopg
from jobgen_runtime import install_schema, install_schema_sync
from jobgen_runtime.database import SCHEMA_VERSION


def versions(url: str) -> list[tuple[int]]:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT version FROM job_runtime_schema").fetchall()


def test_concurrent_installs_of_the_schema_install_it_once(database: str) -> None:
    def install(_: int) -> None:
        with psycopg.connect(database, autocommit=True) as conn:
            install_schema_sync(conn)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(install, range(8)))
    assert versions(database) == [(SCHEMA_VERSION,)]


def test_schema_is_installed_in_current_schema_inside_the_callers_transaction(
    database: str,
) -> None:
    async def install() -> None:
        async with await psycopg.AsyncConnection.connect(database) as conn:
            await conn.execute('CREATE SCHEMA "Odd one"')
            await conn.execute('SET search_path = "Odd one"')
            await install_schema(conn)
            await conn.execute("SELECT 'job_status_retry'::job_status, uuidv7()")
            await conn.rollback()
            await conn.execute('CREATE SCHEMA "Odd one"')
            await conn.execute('SET search_path = "Odd one"')
            await install_schema(conn)
            await install_schema(conn)

    asyncio.run(install())
    with psycopg.connect(database) as conn:
        found = conn.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'job_workers'"
        ).fetchall()
    assert found == [('"Odd one"',)]


def test_newer_schema_is_left_unchanged(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute("UPDATE job_runtime_schema SET version = 99")
        conn.execute("DROP TABLE job_workers")
        install_schema_sync(conn)
        assert conn.execute("SELECT to_regclass('job_workers')").fetchone() == (None,)
    assert versions(database) == [(99,)]


def test_uuidv7_sorts_in_the_order_of_one_insert(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute("CREATE TABLE made (id UUID DEFAULT uuidv7(), n INT)")
        conn.execute("INSERT INTO made (n) SELECT generate_series(1, 5000)")
        numbers = [n for (n,) in conn.execute("SELECT n FROM made ORDER BY id")]
        assert numbers == list(range(1, 5001))
        [(first, now)] = conn.execute(
            "SELECT (SELECT id FROM made WHERE n = 1), extract(epoch FROM now())::float8"
        ).fetchall()
    assert (first.version, first.variant) == (7, RFC_4122)
    assert abs((first.int >> 80) / 1000 - now) < 60
