"""No statement of a worker reads more of a table of a million rows than it needs.

With generic and with custom plans, and whether the table was ever analyzed or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from jobgen_runtime import JobRecord, Table, install_schema_sync
from jobgen_runtime.database.worker_connection import worker_session_settings
from jobgen_runtime.table import compose
from psycopg import sql

from jobgen.job_block.context import block_context
from jobgen.naming import parse_job_name
from jobgen.render import load_template
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("tables_of_a_million")

BATCH = 500
COLUMNS = tuple(JobRecord.__annotations__)
WORKER = uuid4()
START = {"after_run_at": "-infinity", "after_id": UUID(int=0), "worker": WORKER}
# 999 of 1,000 jobs are done; the others run, or wait for their first or a further attempt.
FINISHED = """
INSERT INTO finished_jobs (status, run_at, locked_by, locked_at)
SELECT
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
BACKLOG = """
INSERT INTO backlog_jobs (run_at)
SELECT now() - n * interval '1 millisecond' FROM generate_series(1, 1000000) AS n
"""


@dataclass(frozen=True)
class Read:
    """What a statement has read of the job table: rows, and pages including its indexes'."""

    rows: float
    pages: int
    indexes: frozenset[str]


class Million:
    """A table of a million jobs, and the worker's statements on it."""

    def __init__(self, conn: psycopg.Connection[Any], name: str) -> None:
        self.conn = conn
        self.name = name
        self._table = Table(name, columns=COLUMNS, key=("id",))

    def claim(self, jobs: int) -> dict[str, Any]:
        """Claim jobs as the worker does, and return what it knows of them."""
        claim = compose(self._table, "claim")
        rows = self.conn.execute(claim, {"limit": jobs, **START}).fetchall()
        assert len(rows) == jobs
        return {
            "worker": WORKER,
            "ids": [row[0] for row in rows],
            "locked_at": [row[6] for row in rows],
            "errors": ["an error"] * jobs,
            "delays": ["1 minute"] * jobs,
        }

    def read(self, name: str, known: dict[str, Any], **more: sql.Composable) -> Read:
        """Run a prepared statement of the worker, and return what it reads."""
        text = compose(self._table, name, **more).as_string(self.conn)
        names: list[str] = []

        def number(match: re.Match[str]) -> str:
            if match[1] not in names:
                names.append(match[1])
            return f"${names.index(match[1]) + 1}"

        text = re.sub(r"%\((\w+)\)s", number, text)
        values = sql.SQL(", ").join(sql.Literal(known[each]) for each in names)
        arguments = sql.SQL("({})").format(values) if names else sql.SQL("")
        self.conn.execute(f"PREPARE statement AS {text}".encode())
        try:
            explain = sql.SQL(
                "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE statement"
            )
            row = self.conn.execute(explain + arguments).fetchone()
        finally:
            self.conn.execute("DEALLOCATE statement")
        assert row is not None
        plan = row[0][0]["Plan"]
        scans = [node for node in _scans(plan) if node.get("Relation Name") == self.name]
        assert "Seq Scan" not in {node["Node Type"] for node in scans}, plan
        return Read(
            sum(_rows(node) for node in scans),
            plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
            frozenset(node["Index Name"].removeprefix(f"{self.name}_") for node in scans),
        )


def _scans(node: Any) -> Iterator[Any]:
    for child in node.get("Plans", ()):
        yield from _scans(child)
    if "Scan" in node["Node Type"]:
        yield node


def _rows(node: Any) -> float:
    passed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + passed) * node["Actual Loops"])


def _make(conn: psycopg.Connection[Any], name: str, rows: str) -> None:
    """Create the table as the generator does, but with its indexes built after the rows."""
    (block,) = load_template("schema").render(block_context(parse_job_name(name), ())).values()
    table, index, indexes = block.decode().partition("CREATE INDEX")
    conn.execute(table.replace("CREATE TABLE", "CREATE UNLOGGED TABLE").encode())
    # Without autovacuum: the tests decide when the table is analyzed.
    conn.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = off)".encode())
    conn.execute(rows.encode())
    conn.execute((index + indexes).encode())


@pytest.fixture(scope="module")
def made(server_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Return a worker's session on a database with both tables."""
    with (
        temporary_database(server_url) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        install_schema_sync(conn)
        _make(conn, "finished_jobs", FINISHED)
        _make(conn, "backlog_jobs", BACKLOG)
        conn.execute(worker_session_settings().encode())
        yield conn


@pytest.fixture(params=["finished_jobs", "backlog_jobs"])
def table(request: pytest.FixtureRequest, made: psycopg.Connection[Any]) -> Iterator[Million]:
    """Return one of the tables; changes are rolled back."""
    with made.transaction(force_rollback=True):
        yield Million(made, request.param)


@pytest.fixture(params=["generic", "custom"], autouse=True)
def plans(request: pytest.FixtureRequest, made: psycopg.Connection[Any]) -> None:
    """Return the kind of plans that the session uses."""
    made.execute(f"SET plan_cache_mode = force_{request.param}_plan".encode())


@pytest.fixture(params=["never", "now"], autouse=True)
def analyzed(request: pytest.FixtureRequest, table: Million) -> None:
    """Return when the table was analyzed."""
    if request.param == "now":
        table.conn.execute(f"ANALYZE {table.name}".encode())


def test_claim_reads_only_its_batch(table: Million) -> None:
    read = table.read("claim", {"limit": BATCH, **START})
    # Each row once by the index of due rows, and once by primary key for the update.
    assert read.rows <= 2 * BATCH
    assert read.indexes == {"claim", "pkey"}
    assert read.pages <= 20 * BATCH


def test_claim_of_one_row_reads_one_row(table: Million) -> None:
    read = table.read("claim", {"limit": 1, **START})
    assert read.rows <= 2
    assert read.pages <= 50


@pytest.mark.parametrize("name", ["succeed", "fail", "retry", "snooze", "release"])
def test_completion_reads_its_batch_by_primary_key(table: Million, name: str) -> None:
    claimed = table.claim(BATCH)
    read = table.read(name, claimed, status=sql.Literal("job_status_failed"))
    assert read.rows <= BATCH
    assert read.indexes == {"pkey"}
    assert read.pages <= 30 * BATCH


def test_next_due_is_one_index_probe(table: Million) -> None:
    read = table.read("next_due", {}, table_name=sql.Literal("probe_jobs"))
    assert read.rows == 1
    assert read.pages <= 10


def test_strict_order_is_one_index_probe_with_an_index_of_retries(table: Million) -> None:
    # The index that docs/runtime.md recommends.
    table.conn.execute(
        f"CREATE INDEX {table.name}_retry ON {table.name} (run_at, id)"
        " WHERE status = 'job_status_retry'".encode()
    )
    due = table.read("next_due_strict", {}, table_name=sql.Literal("probe_jobs"))
    assert due.rows <= 2
    assert due.pages <= 20
    claim = table.read("claim_strict", {"worker": WORKER})
    assert claim.rows <= 4
    assert claim.pages <= 50


@pytest.mark.parametrize("name", ["count_claimed", "orphaned", "count_running"])
def test_queries_for_running_rows_read_only_those(table: Million, name: str) -> None:
    table.claim(BATCH)
    read = table.read(name, {"worker": WORKER}, table_name=sql.Literal("probe_jobs"))
    # Rows of other workers in one table, and of this worker in both.
    assert read.rows <= 200 + BATCH
    assert read.indexes == {"running"}


def test_rescue_reads_only_running_rows(table: Million) -> None:
    table.claim(BATCH)
    read = table.read("rescue", {"max_attempts": 10, "error": "died", "cancelled": "cancelled"})
    assert read.rows <= 2 * (200 + BATCH)
    assert read.indexes == {"running", "pkey"}
