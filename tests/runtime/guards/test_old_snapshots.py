"""Claimed rows cost the next claim nothing, even while an old snapshot keeps them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.database.worker_connection import worker_session_settings
from jobgen_runtime.job_table.priority import ABOVE_ALL_PRIORITIES
from jobgen_runtime.queue import START, Position
from jobgen_runtime.table import compose
from psycopg import sql

from tests.support.priorities import ADD_PRIORITY

BATCH = 200
CLAIMS = 10
TABLE = Table("probe_jobs", columns=tuple(JobRecord.__annotations__), key=("id",))
RANKED = Table("probe_jobs", columns=(*TABLE.columns, "priority"), key=("id",), has_priority=True)


def claim(after: Position) -> sql.Composed:
    """Return the statement, of a table with priorities if the position has one."""
    if after.priority == ABOVE_ALL_PRIORITIES:
        return compose(TABLE, "claim")
    return compose(RANKED, "claim", after_priority=sql.Literal(after.priority))


def pages(conn: psycopg.Connection[Any], after: Position) -> int:
    """Return the pages of index and table that a claim from this position reads."""
    explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ")
    with conn.transaction(force_rollback=True):
        row = conn.execute(explain + claim(after), parameters(after)).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def parameters(after: Position) -> dict[str, Any]:
    return {
        "limit": BATCH,
        "worker": uuid4(),
        "after_run_at": after.run_at,
        "after_id": after.id,
        "max_bytes": 64_000_000,
    }


def test_claim_resumes_behind_rows_that_an_old_snapshot_keeps(app_database: str) -> None:
    with (
        psycopg.connect(app_database, autocommit=True) as conn,
        psycopg.connect(app_database) as old,
    ):
        conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
        # In random order, so that each row is on another page.
        conn.execute(
            "INSERT INTO probe_jobs (run_at)"
            " SELECT NOW() - RANDOM() * INTERVAL '1 day' FROM generate_series(1, 5000)"
        )
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("SELECT")
        first = pages(conn, START)
        for _ in range(CLAIMS):
            rows = conn.execute(compose(TABLE, "claim"), parameters(START)).fetchall()
        behind = Position(str(rows[-1][8]), rows[-1][0])
        assert pages(conn, behind) < 1.2 * first
        # Without the cursor, the claim reads the entries of all claimed rows, and the rows.
        assert pages(conn, START) > pages(conn, behind) + CLAIMS * BATCH / 2


def test_claim_resumes_within_a_priority_and_reads_higher_ones(app_database: str) -> None:
    with (
        psycopg.connect(app_database, autocommit=True) as conn,
        psycopg.connect(app_database) as old,
    ):
        conn.execute(ADD_PRIORITY.encode())
        conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
        conn.execute(
            "INSERT INTO probe_jobs (run_at, priority)"
            " SELECT NOW() - RANDOM() * INTERVAL '1 day', 3 FROM generate_series(1, 5000)"
        )
        conn.execute("INSERT INTO probe_jobs (priority) VALUES (-4)")
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("SELECT")
        start = Position(START.run_at, START.id, priority=3)
        first = pages(conn, start)
        for _ in range(CLAIMS):
            rows = conn.execute(compose(RANKED, "claim"), parameters(START)).fetchall()
        behind = Position(str(rows[-1][8]), rows[-1][0], priority=3)
        assert pages(conn, behind) < 1.2 * first
        assert pages(conn, start) > pages(conn, behind) + CLAIMS * BATCH / 2
        conn.execute("INSERT INTO probe_jobs (priority) VALUES (9)")
        rows = conn.execute(claim(behind), {**parameters(behind), "limit": 5000}).fetchall()
        # One of the higher priority, all behind the position, and one of the lower priority.
        assert [row[-1] for row in rows] == [9, *(5000 - CLAIMS * BATCH) * [3], -4]
