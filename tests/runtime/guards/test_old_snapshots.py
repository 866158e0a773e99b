"""Claimed rows cost the next claim nothing, even while an old snapshot keeps them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.database.worker_connection import worker_session_settings
from jobgen_runtime.queue import START, Position
from jobgen_runtime.table import compose
from psycopg import sql

BATCH = 200
CLAIMS = 10
TABLE = Table("probe_jobs", columns=tuple(JobRecord.__annotations__), key=("id",))


def pages(conn: psycopg.Connection[Any], after: Position) -> int:
    """Return the pages of index and table that a claim from this position reads."""
    explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ")
    with conn.transaction(force_rollback=True):
        row = conn.execute(explain + compose(TABLE, "claim"), parameters(after)).fetchone()
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
