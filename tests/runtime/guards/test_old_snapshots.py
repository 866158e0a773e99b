"""Claimed rows cost the next claim nothing, even while an old snapshot keeps them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.contract.context import Fence
from jobgen_runtime.database.worker_connection import worker_session_settings
from jobgen_runtime.queue import START, Claim, Position, UnreadableRow
from jobgen_runtime.table import compose
from jobgen_runtime.worker.prefetch import SWEEP_SECONDS, Cursor
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
    }


def test_claim_resumes_behind_rows_that_an_old_snapshot_keeps(app_database: str) -> None:
    with (
        psycopg.connect(app_database, autocommit=True) as conn,
        psycopg.connect(app_database) as old,
    ):
        conn.execute(worker_session_settings().encode())
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


def moment(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def claimed(number: int) -> list[Claim]:
    row = JobRecord()
    row.run_at = moment(number)
    return [Claim(UUID(int=number), f"{number:032x}", Fence(uuid4(), ""), 1, row)]


def test_cursor_advances_with_claims_and_restarts_every_few_seconds() -> None:
    now = 100.0
    cursor = Cursor(lambda: now, advances=True)
    assert cursor.after is START
    assert cursor.advance(claimed(1), 1)
    assert cursor.after == Position(str(moment(1)), UUID(int=1))
    now += SWEEP_SECONDS / 2
    assert cursor.advance(claimed(2), 1)
    assert cursor.after == Position(str(moment(2)), UUID(int=2))
    now += SWEEP_SECONDS / 2
    assert cursor.advance(claimed(3), 1)
    assert cursor.after is START


def test_cursor_restarts_after_a_claim_that_was_not_full() -> None:
    cursor = Cursor(lambda: 100.0, advances=True)
    cursor.advance(claimed(1), 1)
    assert cursor.advance([], 1)
    assert cursor.after is START
    assert not cursor.advance([], 1)


def test_cursor_does_not_advance_in_strict_order_or_past_an_undecodable_row() -> None:
    standing = Cursor(lambda: 100.0, advances=False)
    assert standing.advance(claimed(1), 1)
    assert standing.after is START
    moving = Cursor(lambda: 100.0, advances=True)
    unreadable = Claim(UUID(int=1), "1", Fence(uuid4(), ""), 1, UnreadableRow("a date"))
    moving.advance([unreadable], 1)
    assert moving.after is START
