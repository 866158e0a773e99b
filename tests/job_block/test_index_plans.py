"""Each index of a job table is used by the statement that it exists for, and pays for itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from jobgen_runtime.job_table.priority import ABOVE_ALL_PRIORITIES
from jobgen_runtime.sql import read
from psycopg import sql

from jobgen.job_block.context import block_context, priority_index
from jobgen.naming import parse_job_name
from jobgen.render import load_template

TABLE = "plans_jobs"
WORKER = uuid.uuid4()
CLAIM = {
    "limit": 16,
    "worker": WORKER,
    "after_run_at": "-infinity",
    "after_id": uuid.UUID(int=0),
    "max_bytes": 64_000_000,
    "deaths": 1,
    "errors": ["died", "died again"],
    "searched": 500,
}
# As in a queue that has run for a while, nearly all jobs are finished.
ROWS = """
INSERT INTO plans_jobs (status, run_at, locked_by, locked_at)
SELECT
    (CASE
        WHEN n % 1000 = 0 THEN 'job_status_not_started'
        WHEN n % 1000 = 1 THEN 'job_status_retry'
        WHEN n % 1000 = 2 THEN 'job_status_running'
        WHEN n % 1000 = 3 THEN 'job_status_failed'
        WHEN n % 1000 = 4 THEN 'job_status_timed_out'
        ELSE 'job_status_succeeded'
    END)::job_status,
    NOW() - n * INTERVAL '1 second',
    CASE WHEN n % 1000 = 2 THEN gen_random_uuid() END,
    CASE WHEN n % 1000 = 2 THEN NOW() END
FROM generate_series(1, 30000) AS n
"""
PAGE = "SELECT id FROM {table} WHERE {condition} ORDER BY id DESC LIMIT 50"
FAILED = "status IN ('job_status_failed', 'job_status_timed_out')"


def statement(text: str, own: LiteralString = "") -> sql.Composed:
    """Fill the names of the job table into a statement of the runtime, and those it contains.

    `own` are columns of the table in addition to those that every job has.
    """
    columns = sql.SQL("id, run_at, status, locked_by, locked_at")
    parts = ("first_due_by_priority", "first_in_strict_order", "lock_due_strict", "waiting_levels")
    return sql.SQL(text).format(
        table=sql.Identifier(TABLE),
        columns=columns + sql.SQL(own),
        claimed_columns=sql.SQL("id, run_at") + sql.SQL(own),
        not_refused=sql.SQL(""),
        may_be_large=sql.SQL("TRUE"),
        after_priority=sql.Literal(ABOVE_ALL_PRIORITIES),
        value_bytes=sql.SQL("LENGTH(status::TEXT)"),
        table_name=sql.Literal("email_customers_jobs"),
        regclass=sql.Literal(TABLE),
        job_cancellations=sql.Identifier("job_cancellations"),
        job_pauses=sql.Identifier("job_pauses"),
        job_refusals=sql.Identifier("job_refusals"),
        job_workers=sql.Identifier("job_workers"),
        job_status=sql.Identifier("job_status"),
        condition=sql.SQL(FAILED),
        **{part: statement(read(part)) for part in parts if f"{{{part}}}" in text},
    )


STATEMENTS = {
    "claim": (
        read("claim"),
        CLAIM,
        "claim",
    ),
    "claim of suspects": (read("claim_suspects"), CLAIM, "claim"),
    "suspects": (read("suspects"), CLAIM, "claim"),
    "next due": (read("next_due"), {}, "claim"),
    "orphans": (read("orphan_ids"), {"limit": 10_000, "skipped": []}, "running"),
    "unheld rows": (
        read("unheld_rows"),
        {"worker": WORKER, "held": [], "until": "infinity", "limit": 1000},
        "running",
    ),
    "failed page": (PAGE, {}, "failed"),
}


@pytest.fixture(scope="module")
def filled(runtime_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database whose job table is filled and analyzed."""
    (block,) = load_template("schema").render(block_context(parse_job_name(TABLE), ())).values()
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute(block)
        conn.execute(ROWS.encode())
        conn.execute("ANALYZE plans_jobs, job_workers")
        yield conn


def plan(conn: psycopg.Connection[Any], query: sql.Composed, params: dict[str, Any]) -> Any:
    row = conn.execute(sql.SQL("EXPLAIN (FORMAT JSON) ") + query, params).fetchone()
    assert row is not None
    return row[0][0]["Plan"]


def scans(node: Any) -> Iterator[tuple[str, str | None, float]]:
    """Yield kind, index and cost of each scan of the job table, depth first."""
    for child in node.get("Plans", ()):
        yield from scans(child)
    if "Scan" in node["Node Type"] and node.get("Relation Name", TABLE) == TABLE:
        yield node["Node Type"], node.get("Index Name"), node["Total Cost"]


def nodes(node: Any) -> Iterator[Any]:
    """Yield the nodes of a plan that read a table."""
    for child in node.get("Plans", ()):
        yield from nodes(child)
    if "Relation Name" in node:
        yield node


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_uses_its_index(filled: psycopg.Connection[Any], name: str) -> None:
    text, params, index = STATEMENTS[name]
    found = list(scans(plan(filled, statement(text), params)))
    assert f"{TABLE}_{index}" in [index_name for _, index_name, _ in found]
    assert "Seq Scan" not in [kind for kind, _, _ in found]


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_costs_more_than_twice_as_much_without_its_index(
    filled: psycopg.Connection[Any], name: str
) -> None:
    text, params, index = STATEMENTS[name]
    cost = plan(filled, statement(text), params)["Total Cost"]
    with filled.transaction(force_rollback=True):
        filled.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(f"{TABLE}_{index}")))
        without = plan(filled, statement(text), params)["Total Cost"]
    assert without > 2 * cost, (cost, without)


@pytest.fixture
def with_priorities(filled: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """The connection, with the column and the index of priorities until the test has ended."""
    with filled.transaction(force_rollback=True):
        filled.execute("ALTER TABLE plans_jobs ADD priority SMALLINT DEFAULT 0 NOT NULL")
        filled.execute(priority_index(TABLE, on=TABLE).encode())
        yield filled


@pytest.mark.parametrize(
    "name", ["claim_by_priority", "claim_suspects_by_priority", "suspects_by_priority"]
)
def test_statement_by_priority_uses_its_index_and_costs_twice_as_much_without_it(
    with_priorities: psycopg.Connection[Any], name: str
) -> None:
    conn, query = with_priorities, statement(read(name), ", priority")
    found = plan(conn, query, CLAIM)
    indexes = {index for _, index, _ in scans(found) if index}
    assert {f"{TABLE}_priority"} <= indexes <= {f"{TABLE}_priority", f"{TABLE}_pkey"}
    with conn.transaction(force_rollback=True):
        conn.execute("INSERT INTO job_pauses VALUES (%s::REGCLASS)", (TABLE,))
        assert not read_rows(conn, query)
    assert read_rows(conn, query)
    conn.execute("DROP INDEX plans_jobs_priority")
    assert plan(conn, query, CLAIM)["Total Cost"] > 2 * found["Total Cost"]


@pytest.mark.parametrize(
    "name", ["claim", "claim_suspects", "suspects", "claim_strict", "next_due", "next_due_strict"]
)
def test_paused_kind_is_checked_once_and_no_job_is_read(
    filled: psycopg.Connection[Any], name: str
) -> None:
    with filled.transaction(force_rollback=True):
        filled.execute("INSERT INTO job_pauses VALUES (%s::REGCLASS)", (TABLE,))
        assert not read_rows(filled, statement(read(name)))


def read_rows(conn: psycopg.Connection[Any], query: sql.Composed) -> Any:
    """Return how many jobs a claiming statement reads; it must check once for a pause."""
    explain = sql.SQL("EXPLAIN (ANALYZE, COSTS OFF, FORMAT JSON) ") + query
    with conn.transaction(force_rollback=True):
        row = conn.execute(explain, CLAIM).fetchone()
    assert row is not None
    scans = [node for node in nodes(row[0][0]["Plan"]) if "Scan" in node["Node Type"]]
    assert [n["Actual Loops"] for n in scans if n["Relation Name"] == "job_pauses"] == [1]
    return sum(
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        for node in scans
        if node["Relation Name"] == TABLE
    )


def test_newest_jobs_are_read_from_the_primary_key(filled: psycopg.Connection[Any]) -> None:
    query = sql.SQL("SELECT id FROM plans_jobs ORDER BY id DESC LIMIT 50").format()
    (scan,) = scans(plan(filled, query, {}))
    assert scan[:2] == ("Index Only Scan", f"{TABLE}_pkey")


def test_failed_jobs_are_counted_by_status_from_their_index_alone(
    filled: psycopg.Connection[Any],
) -> None:
    filled.execute("VACUUM plans_jobs")
    query = sql.SQL("SELECT status, count(*) FROM plans_jobs WHERE {} GROUP BY status")
    (scan,) = scans(plan(filled, query.format(sql.SQL(FAILED)), {}))
    assert scan[:2] == ("Index Only Scan", f"{TABLE}_failed")


def test_indexes_have_no_entries_for_finished_jobs(filled: psycopg.Connection[Any]) -> None:
    rows = filled.execute(
        "SELECT relname, reltuples::int FROM pg_class"
        " JOIN pg_index ON indexrelid = pg_class.oid"
        " WHERE indrelid = 'plans_jobs'::regclass AND NOT indisprimary"
    ).fetchall()
    assert len(rows) == 3
    assert all(tuples <= 60 for _, tuples in rows)
