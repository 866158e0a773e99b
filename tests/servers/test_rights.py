"""Roles that own nothing, with the rights that docs/servers.md grants them and no others."""

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

from tests.conftest import temporary_database
from tests.dashboard.sites import DashboardSite
from tests.runtime.conftest import Application, Rows, application
from tests.runtime.shop_types import ProbeJob
from tests.servers.conftest import prepare

GRANTS = re.findall(
    r"^GRANT [^;]*;",
    Path(__file__).parents[2].joinpath("docs/servers.md").read_text(),
    re.MULTILINE | re.DOTALL,
)

pytestmark = pytest.mark.xdist_group("old_postgres")


@pytest.fixture
def prepared(old_server_url: str) -> Iterator[str]:
    """The owner's address. On the old server `uuidv7()` is the runtime's, too."""
    with temporary_database(old_server_url) as url:
        prepare(url)
        yield url


@pytest.fixture
def roles(prepared: str) -> Iterator[dict[str, str]]:
    """The address of each role of the document."""
    names = {"shop_worker", "shop_web"}
    own = {name: f"{name}_{uuid.uuid4().hex}" for name in names}
    with psycopg.connect(prepared, autocommit=True) as conn:
        for name in own.values():
            conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        for grant in GRANTS:
            statement = re.sub("shop_w[a-z]+", lambda match: own[match[0]], grant)
            conn.execute(statement.replace("email_customers_jobs", "probe_jobs").encode())
        yield {name: make_conninfo(prepared, user=user) for name, user in own.items()}
        for name in own.values():
            conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def app(tmp_path: Path, roles: dict[str, str]) -> Iterator[Application]:
    with application(tmp_path, roles["shop_worker"]) as made:
        yield made


def test_they_are_all_that_a_worker_needs(app: Application, rows: Rows) -> None:
    app.job(
        """
        async def perform(self, job):
            if job.what == "fail" and job.attempts_count == 1:
                raise ValueError("once")
        """
    )
    app.start("run-jobs", "--check").end()
    worker = app.run_jobs("--poll", "600")
    rows.wait(rows.insert("fail"), "succeeded", attempts=2)
    # Of a worker that is dead.
    [orphan] = rows.insert(run_at="'infinity'")
    rows.conn.execute(
        "INSERT INTO job_workers VALUES (%s, now(), now(), now(), 'h', 1, '', '{}')", (orphan,)
    )
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = id, locked_at = now(),"
        " run_at = now() WHERE id = %s",
        (orphan,),
    )
    rows.wait([orphan], "succeeded")
    worker.send(signal.SIGTERM)
    output = worker.end()
    assert "permission denied" not in output
    assert "ERROR" not in output
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_without_its_triggers_it_says_so_once_and_looks_more_often(
    app: Application, rows: Rows
) -> None:
    for event in ("insert", "update"):
        rows.conn.execute(f"DROP TRIGGER probe_jobs_wake_on_{event} ON probe_jobs".encode())
    worker = app.start("run-jobs", "--poll", "600")
    worker.wait_for("cannot be made again")
    for _ in range(2):
        # Until it has looked after the last job's end, too.
        rows.conn.execute("SELECT pg_sleep(0.7)")
        rows.wait(rows.insert(), "succeeded")
    worker.send(signal.SIGTERM)
    assert worker.end().count("cannot be made again") == 1


def test_a_server_that_tells_no_timeline_will_do(app: Application, rows: Rows) -> None:
    rows.conn.execute("REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn() FROM PUBLIC")
    worker = app.run_jobs()
    rows.wait(rows.insert(), "succeeded")
    worker.send(signal.SIGTERM)
    assert "pg_current_wal_lsn" not in worker.end()


def test_they_are_all_that_an_application_needs(
    roles: dict[str, str], rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", roles["shop_web"])
    job = ProbeJob.create_sync()
    assert (ProbeJob.pause_sync(), ProbeJob.resume_sync()) == (True, True)
    job.cancel_sync()
    rows.wait([job.id], "failed")
    with DashboardSite(conninfo=roles["shop_web"]) as site:
        assert "Probe" in site.get("/jobs/ListJobs").text
        assert str(job.id) in site.get("/jobs/ListJob?tableName=probe_jobs").text
        site.post("/jobs/RetryJob", {"tableName": "probe_jobs", "id": str(job.id)})
        rows.wait([job.id], "not_started")
        site.post("/jobs/DeleteJob", {"tableName": "probe_jobs", "id": str(job.id)})
    close_pool_sync()
    assert rows.get(job.id) is None
