"""The application and the tables that the dashboard is measured on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.schema import job_block

Connection = psycopg.Connection[Any]

LARGE = "import_order_jobs"
"""The table with most rows."""

DRAINED = "noop_jobs"
"""The table of the only kind that has a worker."""

DAYS = 90
"""The age of the oldest job."""

_JOB = """\
from jobgen_runtime import Job

from Generated.Types import NoopJob


class Noop(Job[NoopJob]):
    max_concurrency = 100

    async def perform(self, job: NoopJob) -> None:
        pass
"""

_CUSTOMERS = """
CREATE FUNCTION customer(n BIGINT) RETURNS UUID IMMUTABLE LANGUAGE sql AS $$
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;
CREATE TABLE customers (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL);
INSERT INTO customers
SELECT customer(n), (ARRAY['Acme', 'Hooli', 'Initech', 'Umbrella', 'Wayne'])[n % 5 + 1] || ' ' || n
FROM generate_series(1, {references}) n;
ALTER TABLE customers ADD PRIMARY KEY (id);
CREATE TYPE channel AS ENUM ('web', 'shop', 'phone');
"""

_COLUMNS = (
    "customer_id UUID NOT NULL",
    "subject TEXT NOT NULL",
    "amount NUMERIC(10, 2) NOT NULL",
    "channel CHANNEL NOT NULL",
)

_ERRORS = """
CREATE FUNCTION some_error(n BIGINT) RETURNS TEXT IMMUTABLE LANGUAGE sql AS $$
    SELECT 'Traceback (most recent call last):' || chr(10)
        || '  File "/srv/shop/Web/Job/ImportOrder.py", line ' || 10 + n % 7 || ', in perform'
        || chr(10)
        || '    await client.send(order)' || chr(10)
        || (ARRAY[
            'ConnectionRefusedError: [Errno 111] smtp.example.com:587',
            'KeyError: ''sku-' || n % 50 || '''',
            'httpx.ReadTimeout: The read operation timed out',
            'psycopg.errors.UniqueViolation: duplicate key value violates "orders_pkey"',
            'LookupError: unknown warehouse'
        ])[n % 5 + 1]
$$;
"""

_JOBS = """
INSERT INTO {table} (
    id, created_at, updated_at, status, last_error, attempts_count, locked_at, locked_by, run_at
    {names}
)
SELECT
    uuidv7(-age), now() - age, now() - least(age, (n %% 977) * interval '3 ms'),
    status::job_status,
    CASE WHEN status ~ 'retry|failed|timed_out' THEN some_error(n) END,
    CASE status WHEN 'job_status_not_started' THEN 0 ELSE 1 + n %% 5 END,
    CASE WHEN status !~ 'not_started|retry' THEN now() - age + interval '1 s' END,
    CASE status WHEN 'job_status_running' THEN gen_random_uuid() END,
    CASE status
        WHEN 'job_status_retry' THEN now() + (n %% 3600) * interval '1 s'
        ELSE now() - age
    END
    {values}
FROM (
    SELECT n, (%(rows)s - n) * interval '{days} days' / %(rows)s AS age, CASE
        WHEN n <= %(others)s / 5 THEN 'job_status_not_started'
        WHEN n > %(rows)s - 16 THEN 'job_status_running'
        WHEN n > %(rows)s - %(others)s * 2 / 5 THEN 'job_status_retry'
        WHEN n > %(rows)s - %(others)s * 4 / 5 THEN 'job_status_not_started'
        WHEN n %% 200 = 0 THEN 'job_status_failed'
        WHEN n %% 1000 = 1 THEN 'job_status_timed_out'
        ELSE 'job_status_succeeded'
    END AS status
    FROM generate_series(1::bigint, %(rows)s) n
) numbered
"""
"""Unfinished jobs are at both ends: a fifth is old and was never run, the others are new."""

_OWN_VALUES = sql.SQL(
    ", customer(n * 7919 %% {references} + 1), 'Order ' || n, n %% 100000 / 100.0,"
    " (ARRAY['web', 'shop', 'phone'])[n %% 3 + 1]::channel"
)


@dataclass(frozen=True)
class Size:
    """How many rows the tables have."""

    finished: int
    """Jobs of the largest table that have ended."""
    others: int
    """Its other jobs."""
    kinds: int
    references: int
    """Rows of the table that its jobs reference."""
    drained: int
    """Jobs that the worker drains in one measurement."""


def create_application(folder: Path, url: str) -> Path:
    """Create an application with one kind of job, and its database."""
    runtime = str(Path(__file__).parents[2] / "runtime")
    _run("jobgen", "new", "shop", "--runtime", runtime, cwd=folder)
    root = folder / "shop"
    _run("jobgen", "job", "Noop", "--yes", cwd=root)
    (root / "Web/Job/Noop.py").write_text(_JOB)
    _run("jobgen", "migrate", "--yes", cwd=root, DATABASE_URL=url)
    return root


def fill(conn: Connection, size: Size) -> None:
    """Create all tables with their rows, without WAL if the server allows it."""
    # VACUUM marks pages as visible to all only once the commits of their rows are on disk.
    conn.execute("SET synchronous_commit = on")
    with conn.transaction():
        conn.execute(_CUSTOMERS.format(references=size.references).encode())
        conn.execute(_ERRORS.encode())
        conn.execute(job_block("ImportOrder", *_COLUMNS).encode())
        _fill_jobs(conn, LARGE, size.finished + size.others, size.others, size.references)
        conn.execute(
            "ALTER TABLE import_order_jobs ADD FOREIGN KEY (customer_id) REFERENCES customers"
        )
        conn.execute("CREATE INDEX ON import_order_jobs (customer_id)")
    # The largest one, and the one that is drained, are kinds as well.
    for number in range(size.kinds - 2):
        with conn.transaction():
            conn.execute(job_block(f"SyncRegion{number}", "note TEXT").encode())
            _fill_jobs(conn, f"sync_region{number}_jobs", 300, 50)
    conn.execute("VACUUM (ANALYZE)")
    conn.execute("CHECKPOINT")


def _fill_jobs(
    conn: Connection, table: str, rows: int, others: int, references: int | None = None
) -> None:
    """Insert jobs of the last DAYS. Indexes are built afterwards, and triggers do not run."""
    indexes = conn.execute(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename = %s AND indexname !~ '_pkey$'",
        [table],
    ).fetchall()
    for name, _ in indexes:
        conn.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    conn.execute("SET LOCAL session_replication_role = replica")
    names, values = sql.SQL(""), sql.Composed([])
    if references is not None:
        names = sql.SQL(", customer_id, subject, amount, channel")
        values = _OWN_VALUES.format(references=sql.Literal(references))
    insert = sql.SQL(_JOBS).format(
        table=sql.Identifier(table), names=names, values=values, days=sql.Literal(DAYS)
    )
    conn.execute(insert, {"rows": rows, "others": others})
    conn.execute("SET LOCAL session_replication_role = origin")
    for _, definition in indexes:
        conn.execute(definition)


def _run(program: str, *arguments: str, cwd: Path, **environment: str) -> None:
    command = [str(Path(sys.executable).parent / program), *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
