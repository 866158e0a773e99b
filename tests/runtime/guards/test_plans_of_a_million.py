"""The rows that a worker's statements read of a table with a million rows.

Checked with generic and with custom plans, on a table that was analyzed and on one that never was.
"""

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

from tests.support.database import temporary_database
from tests.support.million import START, WORKER, Million, create_table

pytestmark = pytest.mark.xdist_group("tables_of_a_million")

BATCH = 500
FINISHED = """
INSERT INTO finished_jobs (id, status, run_at, locked_by, locked_at)
SELECT
    lpad(to_hex(n), 32, '0')::uuid,
    CASE n % 5000
        WHEN 0 THEN 'job_status_not_started'
        WHEN 1 THEN 'job_status_not_started'
        WHEN 2 THEN 'job_status_retry'
        WHEN 3 THEN 'job_status_retry'
        WHEN 4 THEN 'job_status_running'
        ELSE 'job_status_succeeded'
    END::job_status,
    now() - n * interval '1 millisecond',
    CASE WHEN n % 5000 = 4 THEN gen_random_uuid() END,
    CASE WHEN n % 5000 = 4 THEN now() END
FROM generate_series(1, 1000000) AS n
"""
"""999 of 1,000 jobs have ended; 200 run, 400 wait for their first attempt, and 400 for a retry."""

BACKLOG = """
INSERT INTO backlog_jobs (id, run_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, now() - n * interval '1 millisecond'
FROM generate_series(1, 1000000) AS n
"""
"""All jobs wait. The ids increase as those of uuidv7() do, which takes longer than the rest."""


@pytest.fixture(scope="module")
def filled(server_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A session with a worker's settings on a database with both tables."""
    with (
        temporary_database(server_url) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        install_schema_sync(conn)
        create_table(conn, "Finished", FINISHED)
        create_table(conn, "Backlog", BACKLOG)
        conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
        yield conn


@pytest.fixture(scope="module", params=["never analyzed", "analyzed"])
def worker_session(
    request: pytest.FixtureRequest, filled: psycopg.Connection[Any]
) -> psycopg.Connection[Any]:
    """The session, before the tables are analyzed for the first time and after it."""
    if request.param == "analyzed":
        filled.execute("ANALYZE finished_jobs, backlog_jobs")
        for name in ("finished_jobs", "backlog_jobs"):
            # Without the entries of what the tests before have rolled back.
            filled.execute(f"REINDEX TABLE {name}".encode())
    known = filled.execute(
        "SELECT reltuples > 0 FROM pg_class WHERE relname IN ('finished_jobs', 'backlog_jobs')"
    )
    assert known.fetchall() == 2 * [(request.param == "analyzed",)]
    return filled


@pytest.fixture(params=["finished_jobs", "backlog_jobs"])
def table(
    request: pytest.FixtureRequest, worker_session: psycopg.Connection[Any]
) -> Iterator[Million]:
    """One of the tables; what a test does is rolled back."""
    with worker_session.transaction(force_rollback=True):
        yield Million(worker_session, request.param)


@pytest.fixture(params=["generic", "custom"], autouse=True)
def plans(request: pytest.FixtureRequest, worker_session: psycopg.Connection[Any]) -> None:
    """The kind of plans that the session makes."""
    worker_session.execute(f"SET plan_cache_mode = force_{request.param}_plan".encode())


def test_claim_reads_only_its_batch(table: Million) -> None:
    read = table.read("claim", {"limit": BATCH, **START})
    # Each row once by the index of due jobs, and once by its key to be changed.
    assert read.rows == 2 * BATCH
    assert read.indexes == {"claim", "pkey"}
    assert read.pages <= 20 * BATCH


def test_claim_of_one_job_reads_one_row(table: Million) -> None:
    read = table.read("claim", {"limit": 1, **START})
    assert read.rows == 2
    assert read.pages <= 50


@pytest.mark.parametrize("name", ["succeed", "fail", "retry", "snooze", "release"])
def test_completion_reads_only_its_batch_by_primary_key(table: Million, name: str) -> None:
    claimed = table.claim(BATCH)
    read = table.read(name, claimed, status=sql.Literal("job_status_failed"))
    assert read.rows == BATCH
    assert read.indexes == {"pkey"}
    assert read.pages <= 30 * BATCH


def test_search_for_ended_jobs_reads_only_these_by_primary_key(table: Million) -> None:
    ids = [UUID(int=number) for number in range(1, BATCH + 1)]
    read = table.read("ended_jobs", {"ids": ids})
    assert read.rows == BATCH
    assert read.indexes == {"pkey"}
    assert read.pages <= 10 * BATCH


def test_next_due_time_is_one_index_probe(table: Million) -> None:
    read = table.read("next_due", {}, table_name=sql.Literal("probe_jobs"))
    assert read.rows == 1
    assert read.pages <= 10


@pytest.mark.parametrize("name", ["suspects", "claim_suspects"])
def test_search_for_suspects_reads_only_the_first_due_rows(table: Million, name: str) -> None:
    known = {"errors": ["died"], "searched": BATCH, "deaths": 1, "limit": 4, "worker": WORKER}
    read = table.read(name, known, table_name=sql.Literal("probe_jobs"))
    assert read.rows == BATCH
    assert read.indexes <= {"claim", "pkey"}
    assert read.pages <= 20 * BATCH


def test_next_due_time_behind_a_suspect_takes_a_second_index_probe(table: Million) -> None:
    first = sql.SQL(
        "UPDATE {0} SET locked_by = gen_random_uuid() WHERE id = (SELECT id FROM {0}"
        " WHERE status IN ('job_status_not_started', 'job_status_retry')"
        " ORDER BY run_at, id LIMIT 1)"
    )
    table.conn.execute(first.format(sql.Identifier(table.name)))
    read = table.read("next_due", {}, table_name=sql.Literal("probe_jobs"))
    # The second probe passes the suspect.
    assert read.rows == 3
    assert read.pages <= 20


def test_strict_order_needs_index_probes_only_if_retries_have_an_index(table: Million) -> None:
    # The index that docs/runtime.md recommends.
    table.conn.execute(
        f"CREATE INDEX {table.name}_retry ON {table.name} (run_at, id)"
        " WHERE status = 'job_status_retry'".encode()
    )
    due = table.read("next_due_strict", {}, table_name=sql.Literal("probe_jobs"))
    assert 1 <= due.rows <= 2
    assert due.pages <= 20
    claim = table.read("claim_strict", {"worker": WORKER})
    assert 1 <= claim.rows <= 4
    assert claim.pages <= 50


@pytest.mark.parametrize("name", ["count_claimed", "orphaned", "count_running"])
def test_query_of_running_jobs_reads_only_running_jobs(table: Million, name: str) -> None:
    table.claim(BATCH)
    read = table.read(name, {"worker": WORKER}, table_name=sql.Literal("probe_jobs"))
    # 200 jobs run in one of the tables, and what is claimed here in both.
    assert 1 <= read.rows <= 200 + BATCH
    assert read.indexes == {"running"}


def test_count_of_refused_ends_reads_only_refused_jobs_by_primary_key(table: Million) -> None:
    refused = table.claim(2)["ids"]
    table.conn.execute(
        "INSERT INTO job_refusals (job_table, job_id, wanted_status, reason)"
        " SELECT %s::REGCLASS, UNNEST(%s), 'job_status_succeeded', 'a constraint'",
        (table.name, refused),
    )
    read = table.read("count_refused_ends", {})
    assert read.rows == len(refused)
    assert read.indexes == {"pkey"}


def test_rescue_reads_only_running_jobs(table: Million) -> None:
    table.claim(BATCH)
    parameters = {"max_attempts": 10, "errors": ["died"], "cancelled": "cancelled"}
    read = table.read("rescue", {**parameters, "limit": 10_000, "ids": None, "skipped": []})
    assert BATCH <= read.rows <= 2 * (200 + BATCH)
    assert read.indexes == {"running", "pkey"}


def test_status_reads_only_unfinished_jobs_up_to_its_cap(table: Million) -> None:
    bounds = {"cap": 1000, "first_rows": 5000, "table": table.name}
    read = table.read("kind_status", bounds)
    # 800 jobs wait and 200 run in one of the tables, a million wait in the other.
    assert read.rows == 1000
    assert read.indexes == {"claim", "running", "failed"}
    assert read.pages <= 3000


def test_metrics_read_only_unfinished_jobs_up_to_their_cap(table: Million) -> None:
    bounds = {"cap": 1000, "first_rows": 5000, "table": table.name}
    read = table.read("measure_kind", bounds)
    # As above, and the first due job once more.
    assert read.rows == 1001
    assert read.indexes == {"claim", "running", "failed"}
    assert read.pages <= 3000


def test_waiting_jobs_of_an_unregistered_kind_are_counted_up_to_the_cap(table: Million) -> None:
    read = table.read("count_waiting", {"cap": 500}, table_name=sql.Literal("probe_jobs"))
    assert read.rows == 500
    assert read.indexes == {"claim"}
    assert read.pages <= 1500
