"""Through PgBouncer in transaction mode, which lends a session for one transaction."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import JobStatus
from jobgen_runtime.contract.states import Cancellation
from jobgen_runtime.database import close_pool_sync

from tests.dashboard.sites import DashboardSite
from tests.servers.pooler import pooler
from tests.support.application import Application, application
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob

SESSIONS = 3


@pytest.fixture
def pooled(app_database: str) -> Iterator[str]:
    """The address of the database through a pooler that lends fewer sessions than are asked for."""
    with pooler(app_database, sessions=SESSIONS) as url:
        yield url


@pytest.fixture
def app(tmp_path: Path, pooled: str) -> Iterator[Application]:
    with application(tmp_path, pooled) as made:
        yield made


def lasting_settings(url: str) -> list[tuple[str, str]]:
    """What clients have set, in any of the pooler's sessions, that is still so."""
    found: list[tuple[str, str]] = []
    with ExitStack() as stack:
        for _ in range(SESSIONS):
            # In a transaction: the next one gets another session.
            conn = stack.enter_context(psycopg.connect(url))
            found += conn.execute(
                "SELECT name, setting FROM pg_settings WHERE source = 'session'"
                " AND name IN ('enable_bitmapscan', 'lock_timeout', 'statement_timeout')"
            ).fetchall()
    return found


def test_a_running_job_is_cancelled_long_before_the_poll(
    app: Application, rows: Rows, pooled: str
) -> None:
    app.write_job("async def perform(self, job):\n    await asyncio.sleep(600)")
    app.run_jobs("--poll", "600")
    [job] = rows.insert()
    rows.wait_for_status([job], "running")
    with psycopg.connect(pooled, autocommit=True) as conn:
        ordered = ProbeJob.get_sync(job, conn).cancel_sync(conn)
    assert ordered is Cancellation.REQUESTED
    rows.wait_for_status([job], "failed", attempts=1)
    assert rows.get(job).last_error == "The job was cancelled."


def test_a_worker_polls_says_so_once_and_works(app: Application, rows: Rows, pooled: str) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from Generated.Types import Band
            await Band.create(name="beside")
            async with job.transaction() as conn:
                await Band.create(conn, name="within")
        """
    )
    [orphan] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = gen_random_uuid(),"
        " locked_at = now(), attempts_count = 1"
    )
    worker = app.run_jobs()
    rows.wait_for_status([orphan], "succeeded", attempts=2)
    # Many statements over few sessions: a prepared one would be missing, or there already.
    for _ in range(5):
        rows.wait_for_status(rows.insert(n=6), "succeeded")
    assert rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (62,)
    [exact] = rows.insert(run_at="now() + interval '1.4 seconds'")
    rows.wait_for_status([exact], "succeeded")
    row = rows.get(exact)
    assert timedelta(0) <= row.updated_at - row.run_at < timedelta(seconds=0.7)
    worker.send_signal(signal.SIGTERM)
    warnings = [line for line in worker.wait_for_exit().splitlines() if " INFO " not in line]
    assert len(warnings) == 2, warnings
    assert any("polling every 1 s instead" in line for line in warnings)
    assert any("requeued 1 jobs of dead workers" in line for line in warnings)
    assert lasting_settings(pooled) == []


def test_records_and_the_dashboard_work(
    pooled: str, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", pooled)
    with DashboardSite(conninfo=pooled) as site, psycopg.connect(pooled) as other:
        for _ in range(12):
            # Takes the session that was free first, for a while.
            other.execute("SELECT 1")
            job = ProbeJob.create_sync()
            assert str(job.id) in site.get("/jobs/ListJob?tableName=probe_jobs").text
            other.rollback()
            assert job.cancel_sync() is Cancellation.DONE
            site.post("/jobs/RetryJob", {"tableName": "probe_jobs", "id": str(job.id)})
            assert job.refresh_sync().status is JobStatus.NOT_STARTED
    close_pool_sync()
    assert lasting_settings(pooled) == []
