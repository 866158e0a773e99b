"""Workers and applications behind PgBouncer in transaction mode."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import JobStatus
from jobgen_runtime.contract.states import Cancellation
from jobgen_runtime.database import close_pool_sync
from psycopg import sql

from tests.dashboard.sites import DashboardSite
from tests.servers.pooler import pooler
from tests.support.application import Application, application
from tests.support.rows import Rows
from tests.support.schedules import add_schedule
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT

SESSIONS = 3


@pytest.fixture
def pooled(app_database: str) -> Iterator[str]:
    """The address of the database through a pooler with fewer sessions than it has clients."""
    with pooler(app_database, sessions=SESSIONS) as url:
        yield url


@pytest.fixture
def app(tmp_path: Path, pooled: str) -> Iterator[Application]:
    with application(tmp_path, pooled) as made:
        yield made


def lasting_settings(url: str) -> list[tuple[str, str]]:
    """Return the settings that clients have left behind in any of the pooler's sessions."""
    found: list[tuple[str, str]] = []
    with ExitStack() as stack:
        for _ in range(SESSIONS):
            # Each open transaction holds a session, so the next one gets another.
            conn = stack.enter_context(psycopg.connect(url))
            found += conn.execute(
                "SELECT name, setting FROM pg_settings WHERE source = 'session'"
                " AND name IN ('enable_bitmapscan', 'lock_timeout', 'statement_timeout')"
            ).fetchall()
    return found


def test_running_job_is_cancelled_before_the_next_poll(
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


def test_worker_behind_pgbouncer_polls_and_logs_it_once(
    app: Application, rows: Rows, pooled: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from Generated.Types import Band
            await Band.create(name="outside")
            async with job.transaction() as conn:
                await Band.create(conn, name="within")
            print("claimed at", job.locked_at, flush=True)
        """
    )
    [orphan] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = gen_random_uuid(),"
        " locked_at = now(), attempts_count = 1"
    )
    worker = app.run_jobs()
    rows.wait_for_status([orphan], "succeeded", attempts=2)
    # Many statements over few sessions: a prepared one would be missing, or exist already.
    for _ in range(5):
        rows.wait_for_status(rows.insert(n=6), "succeeded")
    assert rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (62,)
    # The next due time is known: polls a second apart would claim these in three groups at most.
    due = [rows.insert(run_at=f"now() + interval '{n / 4} s'")[0] for n in range(1, 9)]
    rows.wait_for_status(due, "succeeded")
    assert all(rows.get(job).updated_at >= rows.get(job).run_at for job in due)
    worker.send_signal(signal.SIGTERM)
    lines = worker.wait_for_exit().splitlines()
    claims = [line for line in lines if line.startswith("claimed at")]
    assert len(set(claims[-len(due) :])) > 3
    warnings = [line for line in lines if " INFO " not in line and line not in claims]
    assert len(warnings) == 3, warnings
    assert any("polling every 1 s instead" in line for line in warnings)
    assert any("requeued 1 job of dead workers" in line for line in warnings)
    assert any("jobs whose last worker died" in line for line in warnings)
    assert lasting_settings(pooled) == []


def test_schedules_of_the_code_and_of_people_run_behind_pgbouncer(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        "async def perform(self, job):\n    print('ran', job.what, flush=True)",
        options="from jobgen_runtime import Every\n"
        "schedule = Every(timedelta(seconds=1), values={'what': 'code'})\n",
    )
    worker = app.run_jobs("--poll", "1")
    worker.wait_for_line("ran code", times=2)
    add_schedule(rows.conn, "mine", "@every 1s", values='{"what": "people"}')
    worker.wait_for_line("ran people", times=2)


def test_records_and_dashboard_work_behind_pgbouncer(
    pooled: str, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", pooled)
    with DashboardSite(conninfo=pooled) as site, psycopg.connect(pooled) as other:
        for _ in range(12):
            # Takes the session that the others used last.
            other.execute("SELECT 1")
            job = ProbeJob.create_sync()
            assert str(job.id) in site.get("/jobs/ListJob?tableName=probe_jobs").text
            other.rollback()
            assert job.cancel_sync() is Cancellation.DONE
            site.post("/jobs/RetryJob", {"tableName": "probe_jobs", "id": str(job.id)})
            assert job.refresh_sync().status is JobStatus.NOT_STARTED
            waiting = threading.Thread(target=job.wait_sync, kwargs={"timeout": TIMEOUT})
            waiting.start()
            assert ProbeJob.get_sync(job.id).cancel_sync() is Cancellation.DONE
            waiting.join(TIMEOUT)
            assert job.status is JobStatus.FAILED
    close_pool_sync()
    assert lasting_settings(pooled) == []


def test_settings_that_a_worker_cannot_change_behind_pgbouncer_are_reported(
    app_database: str, rows: Rows, tmp_path: Path
) -> None:
    database = sql.Identifier(rows.conn.info.dbname)
    for name, value in (
        ("DateStyle", "German"),
        ("default_transaction_isolation", "serializable"),
        ("default_transaction_read_only", "on"),
    ):
        rows.conn.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                database, sql.Identifier(name), sql.Literal(value)
            )
        )
    with pooler(app_database, sessions=SESSIONS) as url, application(tmp_path, url) as app:
        refused = app.start("run-jobs").wait_for_exit(1)
        assert "default_transaction_read_only is 'on'" in refused
        script = app.start("run-jobs", "--check").wait_for_exit(3)
        for line in script.splitlines():
            if line.startswith("ALTER ROLE"):
                rows.conn.execute(line.encode())
    assert script.count("ALTER ROLE") == 2
    with pooler(app_database, sessions=SESSIONS) as url, application(tmp_path / "two", url) as app:
        app.write_job("async def perform(self, job): await job.refresh()")
        [job] = rows.insert()
        app.run_jobs()
        rows.wait_for_status([job], "succeeded", attempts=1)
