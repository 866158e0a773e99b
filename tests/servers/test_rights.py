"""Roles that own nothing and have only the rights that docs/servers.md grants them."""

from __future__ import annotations

import re
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime.database import close_pool_sync
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.dashboard.sites import DashboardSite
from tests.support.application import SHORT_LEASE, Application, application
from tests.support.database import install_app_schema, temporary_database
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import wait_for

GRANTS = re.findall(
    r"^GRANT [^;]*;",
    Path(__file__).parents[2].joinpath("docs/servers.md").read_text(),
    re.MULTILINE | re.DOTALL,
)

WAITS_FOR_POLL = """
    SELECT FROM pg_stat_activity
    WHERE application_name = 'run-jobs work' AND datname = current_database()
        AND state = 'idle' AND clock_timestamp() - state_change > INTERVAL '0.3 s'
"""

pytestmark = pytest.mark.xdist_group("old_postgres")


@pytest.fixture
def app_database(old_server_url: str) -> Iterator[str]:
    """The owner's address. On the old server `uuidv7()` belongs to the runtime, too."""
    with temporary_database(old_server_url) as url:
        install_app_schema(url)
        yield url


@pytest.fixture
def roles(app_database: str) -> Iterator[dict[str, str]]:
    """The address of each role of the document."""
    assert GRANTS
    names = {"shop_worker", "shop_web"}
    own = {name: f"{name}_{uuid.uuid4().hex}" for name in names}
    with psycopg.connect(app_database, autocommit=True) as conn:
        for name in own.values():
            conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        for grant in GRANTS:
            statement = re.sub("shop_w[a-z]+", lambda match: own[match[0]], grant)
            conn.execute(statement.replace("email_customers_jobs", "probe_jobs").encode())
        yield {name: make_conninfo(app_database, user=user) for name, user in own.items()}
        for name in own.values():
            conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def app(tmp_path: Path, roles: dict[str, str]) -> Iterator[Application]:
    with application(tmp_path, roles["shop_worker"]) as made:
        yield made


def test_granted_rights_are_enough_for_a_worker(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "fail" and job.attempts_count == 1:
                raise ValueError("once")
        """
    )
    app.start("run-jobs", "--check").wait_for_exit()
    worker = app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status(rows.insert("fail"), "succeeded", attempts=2)
    # A job of a dead worker.
    [orphan] = rows.insert(run_at="'infinity'")
    rows.conn.execute(
        "INSERT INTO job_workers VALUES (%s, now(), now(), now(), 'h', 1, '', '{}')", (orphan,)
    )
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = id, locked_at = now(),"
        " run_at = now() WHERE id = %s",
        (orphan,),
    )
    rows.wait_for_status([orphan], "succeeded")
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "permission denied" not in output
    assert "ERROR" not in output
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_worker_without_wake_triggers_polls_and_logs_it_once(app: Application, rows: Rows) -> None:
    for event in ("insert", "update"):
        rows.conn.execute(f"DROP TRIGGER probe_jobs_wake_on_{event} ON probe_jobs".encode())
    worker = app.start("run-jobs", "--poll", "600")
    worker.wait_for_line("cannot recreate the wake triggers")
    for _ in range(2):
        # Only the next poll, up to a second later, finds the job.
        wait_for(lambda: rows.conn.execute(WAITS_FOR_POLL).fetchall(), "a worker that waits")
        rows.wait_for_status(rows.insert(), "succeeded")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("cannot recreate the wake triggers") == 1


def test_worker_runs_without_the_right_to_read_the_timeline(app: Application, rows: Rows) -> None:
    rows.conn.execute("REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn() FROM PUBLIC")
    worker = app.run_jobs()
    rows.wait_for_status(rows.insert(), "succeeded")
    worker.send_signal(signal.SIGTERM)
    assert "pg_current_wal_lsn" not in worker.wait_for_exit()


def test_granted_rights_are_enough_for_an_application(
    roles: dict[str, str], rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", roles["shop_web"])
    job = ProbeJob.create_sync()
    assert (ProbeJob.pause_sync(), ProbeJob.resume_sync()) == (True, True)
    job.cancel_sync()
    rows.wait_for_status([job.id], "failed")
    with DashboardSite(conninfo=roles["shop_web"]) as site:
        assert "Probe" in site.get("/jobs/ListJobs").text
        assert str(job.id) in site.get("/jobs/ListJob?tableName=probe_jobs").text
        site.post("/jobs/RetryJob", {"tableName": "probe_jobs", "id": str(job.id)})
        rows.wait_for_status([job.id], "not_started")
        site.post("/jobs/DeleteJob", {"tableName": "probe_jobs", "id": str(job.id)})
    close_pool_sync()
    assert rows.get(job.id) is None
