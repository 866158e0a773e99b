"""A newer schema only adds to an older one, so that older workers can keep running."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.database import SCHEMA_VERSION

EARLIER = Path(__file__).parent / "earlier_schemas"

COLUMNS = """
SELECT attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod), attnotnull,
    pg_get_expr(adbin, adrelid)
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
FUNCTIONS = """
SELECT oid::regprocedure::text, prorettype::regtype::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
"""
STATUSES = "SELECT unnest(enum_range(NULL::job_status))::text"


def rows(conn: psycopg.Connection, query: str) -> set[tuple[object, ...]]:
    return set(conn.execute(query.encode()).fetchall())


def test_every_earlier_version_is_known() -> None:
    names = {path.stem for path in EARLIER.glob("*.sql")}
    assert names == {f"version_{number}" for number in range(1, SCHEMA_VERSION)}


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_upgrade_keeps_all_that_an_older_worker_uses(database: str, version: int) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute((EARLIER / f"version_{version}.sql").read_bytes())
        conn.execute("INSERT INTO job_pauses (job_table) VALUES ('job_workers')")
        queries = (COLUMNS, CONSTRAINTS, FUNCTIONS, STATUSES)
        before = [rows(conn, query) for query in queries]
        tables = {name for name, *_ in before[0]}
        install_schema_sync(conn)
        columns, constraints, functions, statuses = (rows(conn, query) for query in queries)
        assert rows(conn, "SELECT version FROM job_runtime_schema") == {(SCHEMA_VERSION,)}
        assert rows(conn, "SELECT job_table::text FROM job_pauses") == {("job_workers",)}
    assert before[0] <= columns
    # An older worker does not know the columns that were added, nor what they would require.
    required = {
        each for each in columns - before[0] if each[0] in tables and each[3] and not each[4]
    }
    assert required == set()
    assert {each for each in constraints if each[0] in tables} == before[1]
    assert before[2] <= functions
    assert before[3] == statuses
