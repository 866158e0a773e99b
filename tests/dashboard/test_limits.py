"""A slow or locked table costs its own section, and a slow dashboard nothing of the application."""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx
import psycopg
import pytest
from jobgen_runtime import JobRecord, configure
from jobgen_runtime.dashboard import DisplayableJob, Html, JobsDashboard, NoAuth
from jobgen_runtime.dashboard.database import connections
from jobgen_runtime.database import close_pool, connection
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.table import Table
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import scalar_row

from tests.dashboard.sites import DashboardSite, Database, MakeSite

TABLE = "email_customers_jobs"
OTHER = "send_invoice_jobs"


class EmailCustomersJob(JobRecord):
    __table__ = Table(TABLE, columns=tuple(JOB_COLUMNS))


@contextmanager
def locked(shop: Database, statement: str) -> Iterator[None]:
    """Hold a lock in another transaction."""
    with psycopg.connect(shop.conninfo) as conn:
        conn.execute(statement.encode())
        yield
        conn.rollback()


def test_locked_table_costs_its_own_section_alone(shop: Database, site: DashboardSite) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    job, other = shop.insert(TABLE), shop.insert(OTHER)
    with locked(shop, f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE"):
        began = time.monotonic()
        overview = site.get("/jobs/")
        listed = site.get(f"/jobs/ListJob?tableName={TABLE}")
        assert time.monotonic() - began < 15
    assert overview.status_code == 200
    assert other in overview.text
    assert job not in overview.text
    assert "This table cannot be read: another transaction has locked it" in overview.text
    assert listed.status_code == 503
    assert "has locked this job or its table" in listed.text
    assert job in site.get("/jobs/").text


def test_change_of_a_locked_job_is_refused_soon(
    shop: Database, site: DashboardSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WRITE_LOCK_TIMEOUT", "50ms")
    shop.job_table(TABLE)
    job = shop.insert(TABLE, status="failed")
    before = shop.job(TABLE, job)
    with locked(shop, f"TABLE {TABLE} FOR UPDATE"):
        for action in ("RetryJob", "DeleteJob"):
            answer = site.post(f"/jobs/{action}", {"tableName": TABLE, "id": job})
            assert answer.status_code == 503
            assert "Nothing was changed" in answer.text
    assert shop.job(TABLE, job) == before


def test_slow_part_of_a_page_is_left_out_and_a_slow_page_ends(
    shop: Database, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(DisplayableJob[EmailCustomersJob]):
        async def make_dashboard_section(self) -> Html:
            await self.conn.execute("SELECT pg_sleep(60)")
            return Html("slept")

        async def make_page_view(self, page: int, page_size: int) -> Html:  # noqa: ARG002 -- base
            await asyncio.sleep(60)
            return Html("slept")

    shop.job_table(TABLE)
    shop.job_table(OTHER)
    other = shop.insert(OTHER)
    site = make_site(jobs=[Slow])
    with monkeypatch.context() as patched:
        patched.setattr(connections, "PART_SECONDS", 3)
        overview = site.get("/jobs/")
    assert overview.status_code == 200
    assert "This table cannot be read: it takes too long" in overview.text
    assert other in overview.text
    with monkeypatch.context() as patched:
        patched.setattr(connections, "PART_SECONDS", connections.PAGE_SECONDS)
        overview = site.get("/jobs/")
    # Of either kind, the row and the section.
    assert overview.text.count("took all the time") == 4
    monkeypatch.setattr(connections, "PAGE_SECONDS", 0.3)
    listed = site.get(f"/jobs/ListJob?tableName={TABLE}")
    assert listed.status_code == 503
    assert "took too long" in listed.text
    monkeypatch.undo()
    assert site.get(f"/jobs/ListJob?tableName={OTHER}").status_code == 200


def test_database_that_has_gone_is_reported_as_soon_as_a_wait_ends(
    shop: Database,
    make_site: MakeSite,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop.job_table(TABLE)
    with tempfile.TemporaryDirectory() as folder:
        host = Path(folder) / "socket"
        host.symlink_to(str(conninfo_to_dict(shop.conninfo)["host"]))
        name = f"dashboard {uuid.uuid4().hex}"
        site = make_site(
            conninfo=make_conninfo(shop.conninfo, host=str(host), application_name=name)
        )
        assert site.get("/jobs/").status_code == 200
        host.unlink()
        ended = (
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
            " WHERE application_name = %s"
        )
        with psycopg.connect(shop.conninfo) as conn:
            assert conn.execute(ended, (name,)).fetchall()
        monkeypatch.setattr(connections, "WAIT_SECONDS", 0.3)
        gone = site.get("/jobs/")
    assert gone.status_code == 503
    assert "The database could not be reached" in gone.text
    assert "No such file or directory" in caplog.text


def test_visitors_take_no_connection_of_the_application(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 2)
    shop.job_table(TABLE)
    events = SimpleNamespace()

    class Waiting(DisplayableJob[EmailCustomersJob]):
        async def make_page_view(self, page: int, page_size: int) -> Html:  # noqa: ARG002 -- base
            events.waiting.release()
            await events.go_on.wait()
            return Html("done")

    async def visit() -> tuple[list[int], object]:
        events.waiting, events.go_on = asyncio.Semaphore(0), asyncio.Event()
        dashboard = JobsDashboard(auth=NoAuth(), jobs=[Waiting])
        transport = httpx.ASGITransport(dashboard)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            address = f"/ListJob?tableName={TABLE}"
            visits = [asyncio.create_task(client.get(address)) for _ in range(10)]
            for _ in range(connections.POOL_SIZE - 1):
                await events.waiting.acquire()
            # The visitors beyond the connections that the dashboard lends are turned away.
            first = asyncio.as_completed(visits)
            refused = [await next(first) for _ in range(7)]
            async with connection(timeout=1) as conn, conn.cursor(row_factory=scalar_row) as cursor:
                await cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
                )
                held = await cursor.fetchone()
            events.go_on.set()
            answered = [await each for each in first]
            await dashboard.close()
            await close_pool()
        return [each.status_code for each in (*answered, *refused)], held

    configure(shop.conninfo)
    try:
        statuses, held = asyncio.run(visit())
    finally:
        configure(None)
    assert statuses == [200] * 3 + [503] * 7
    assert held == connections.POOL_SIZE - 1
