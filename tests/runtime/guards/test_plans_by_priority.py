"""The rows that a claim reads of a kind with priorities, with a million due rows on the lowest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.database.worker_connection import worker_session_settings
from psycopg import sql

from jobgen.job_block.context import priority_index
from tests.support.database import temporary_database
from tests.support.million import START, WORKER, Million, create_table

pytestmark = pytest.mark.xdist_group("tables_of_a_million")

BATCH = 500
COLUMN = "priority SMALLINT DEFAULT 0 NOT NULL"
ROWS = """
INSERT INTO ranked_jobs (id, run_at, priority)
SELECT
    lpad(to_hex(n), 32, '0')::uuid,
    now() + CASE WHEN n <= 1000000 THEN -n * interval '1 millisecond' ELSE interval '1 day' END,
    CASE WHEN n <= 1000000 THEN 0 ELSE 1000 END
FROM generate_series(1, 1100000) AS n
"""
"""A million due jobs on the lowest level, and 100,000 on the highest that are not due."""

LEVELS = """
INSERT INTO ranked_jobs (run_at, priority)
SELECT now() + interval '1 day', n FROM generate_series(1, {levels} - 2) AS n
"""


@pytest.fixture(scope="module")
def filled(server_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A session with a worker's settings on a database with the table."""
    with temporary_database(server_url) as url, psycopg.connect(url, autocommit=True) as conn:
        install_schema_sync(conn)
        create_table(conn, "Ranked", ROWS, COLUMN)
        conn.execute(priority_index("ranked_jobs", on="ranked_jobs").encode())
        conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
        yield conn


@pytest.fixture(scope="module", params=["never analyzed", "analyzed"])
def worker_session(
    request: pytest.FixtureRequest, filled: psycopg.Connection[Any]
) -> psycopg.Connection[Any]:
    """The session, before the table is analyzed for the first time and after it."""
    if request.param == "analyzed":
        filled.execute("ANALYZE ranked_jobs")
    return filled


@pytest.fixture(params=[1, 10, 100])
def levels(request: pytest.FixtureRequest) -> int:
    """The number of priorities that waiting jobs have."""
    return int(request.param)


@pytest.fixture(params=["generic", "custom"])
def table(
    request: pytest.FixtureRequest, worker_session: psycopg.Connection[Any], levels: int
) -> Iterator[Million]:
    """The table with this many levels; what a test does is rolled back."""
    worker_session.execute(f"SET plan_cache_mode = force_{request.param}_plan".encode())
    with worker_session.transaction(force_rollback=True):
        if levels == 1:
            worker_session.execute("DELETE FROM ranked_jobs WHERE priority > 0")
        else:
            worker_session.execute(LEVELS.format(levels=levels).encode())
        yield Million(worker_session, "ranked_jobs", has_priority=True)


def test_claims_read_their_batch_and_one_row_for_each_level(table: Million, levels: int) -> None:
    for batch in (1, BATCH):
        read = table.read("claim", {"limit": batch, **START})
        # Each row once by the index of priorities, and once by its key to be changed.
        assert 2 * batch <= read.rows <= 2 * batch + levels
        assert read.indexes == {"priority", "pkey"}
        # What was deleted for a single level still has its pages.
        assert read.pages <= 20 * batch + 10 * levels + 50 or levels == 1
    resumed = {"limit": BATCH, **START, "after_priority": 0, "after_id": UUID(int=0)}
    resumed["after_run_at"] = "2000-01-01 00:00+00"
    read = table.read("claim", resumed, after_priority=sql.SQL("%(after_priority)s::INT"))
    assert 2 * BATCH <= read.rows <= 2 * BATCH + levels
    table.conn.execute("UPDATE ranked_jobs SET priority = 2 WHERE id = %s", (UUID(int=7),))
    claimed = table.claim(2)["ids"]
    # The statements above have claimed the others.
    assert claimed == [UUID(int=7), UUID(int=1_000_000 - 1 - 2 * BATCH)]


def test_searches_read_their_first_rows_and_one_row_for_each_level(
    table: Million, levels: int
) -> None:
    known = {"errors": ["died"], "searched": BATCH, "deaths": 1, "limit": 4, "worker": WORKER}
    for name in ("suspects", "claim_suspects"):
        read = table.read(name, known, table_name=sql.Literal("ranked_jobs"))
        assert BATCH <= read.rows <= BATCH + levels
        assert read.indexes <= {"priority", "pkey"}
    due = table.read("lock_due", {**known, "deaths": 0})
    assert 4 <= due.rows <= 4 + levels
    next_due = table.read("next_due", {}, table_name=sql.Literal("ranked_jobs"))
    assert next_due.rows == 1
    assert next_due.pages <= 10
    metrics = table.read("measure_kind", {"cap": 10, "first_rows": 50, "table": table.name})
    assert metrics.rows == 50
    assert metrics.indexes >= {"priority"}
