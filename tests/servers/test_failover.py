"""Addresses with several hosts: workers find the one that accepts writes, also after it changes."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.support.application import Application, application
from tests.support.bookkeeping import wait_for_final_states
from tests.support.database import install_app_schema
from tests.support.own_server import KILLED, OwnServer, own_server
from tests.support.waiting import wait_for

RECORDS = """
async def perform(self, job):
    from Generated.Types import Band
    await Band.create(name=str(job.id))
    await asyncio.sleep(0.02)
"""


@pytest.fixture
def primary() -> Iterator[OwnServer]:
    with own_server() as server:
        install_app_schema(server.url)
        yield server


@pytest.fixture
def standby(primary: OwnServer) -> Iterator[OwnServer]:
    with own_server(standby_of=primary) as server:
        yield server


@pytest.fixture
def app(primary: OwnServer, standby: OwnServer, tmp_path: Path) -> Iterator[Application]:
    """An application whose address has both hosts, the standby first, and no further options."""
    hosts = [str(conninfo_to_dict(server.url)["host"]) for server in (standby, primary)]
    with application(tmp_path, make_conninfo(primary.url, host=",".join(hosts))) as made:
        made.write_job(RECORDS)
        yield made


@contextmanager
def caught_up(primary: OwnServer, standby: OwnServer) -> Iterator[psycopg.Connection]:
    """Yield a connection to the standby once it has replayed all that the primary committed."""
    with psycopg.connect(primary.url) as conn:
        written = conn.execute("SELECT pg_current_wal_lsn()").fetchone()
    with psycopg.connect(standby.url, autocommit=True) as conn:
        wait_for_row(conn, "SELECT WHERE pg_last_wal_replay_lsn() >= %s::pg_lsn", written)
        yield conn


def wait_for_row(
    conn: psycopg.Connection, query: LiteralString, params: Sequence[object] | None = None
) -> None:
    """Poll until the query returns a row: standbys send no notifications."""
    wait_for(lambda: conn.execute(query, params).fetchall(), query)


def detach(standby: OwnServer) -> None:
    """Keep what the primary commits from now on from the standby."""
    with psycopg.connect(standby.url, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET primary_conninfo = ''")
        conn.execute("SELECT pg_reload_conf()")
        wait_for_row(conn, "SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")


def insert_jobs(server: OwnServer, jobs: int) -> None:
    with psycopg.connect(server.url) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, %s)", (jobs,))


def test_jobs_on_the_standby_succeed_after_its_promotion(
    app: Application, primary: OwnServer, standby: OwnServer
) -> None:
    workers = [app.run_jobs(), app.run_jobs()]
    insert_jobs(primary, 1000)
    with caught_up(primary, standby) as conn:
        primary.stop(KILLED)
        # No host accepts writes now.
        workers[0].wait_for_line("the database does not answer")
        conn.execute("SELECT pg_promote()")
    insert_jobs(standby, 100)
    ended = wait_for_final_states(standby.url, 1100)
    assert {status for status, _ in ended.values()} == {"succeeded"}
    with psycopg.connect(standby.url) as conn:
        query = "SELECT count(DISTINCT name) FROM bands"
        assert conn.execute(query).fetchone() == (1100,)
    assert [worker.process.poll() for worker in workers] == [None, None]


STEPS = """
async def perform(self, job):
    from Generated.Types import Band
    await self.step("begin")
    await Band.create(name=str(job.id))
    await self.step("return")

async def step(self, name):
    print("before", name)
    while not os.path.exists(name):
        await asyncio.sleep(0.01)
"""


@pytest.mark.parametrize("ended", ["before", "after"], ids=["ends before", "ends after"])
@pytest.mark.parametrize(
    ("attempts", "status"), [(2, "succeeded"), (1, "failed")], ids=["retried", "last attempt"]
)
def test_job_that_spanned_a_failover_does_not_succeed(
    app: Application,
    primary: OwnServer,
    standby: OwnServer,
    *,
    ended: str,
    attempts: int,
    status: str,
) -> None:
    app.write_job(STEPS, options=f"max_attempts = {attempts}\n")
    worker = app.run_jobs("--heartbeat", "10")
    insert_jobs(primary, 1)
    worker.wait_for_line("before begin")
    with caught_up(primary, standby) as conn:
        detach(standby)
        app.write("begin", "")
        worker.wait_for_line("before return")
        primary.stop(KILLED)
        worker.wait_for_line("the database does not answer")
        if ended == "before":
            app.write("return", "")
        conn.execute("SELECT pg_promote()")
        if ended == "after":
            worker.wait_for_line("another server took over")
            app.write("return", "")
    assert list(wait_for_final_states(standby.url, 1).values()) == [(status, attempts)]
    with psycopg.connect(standby.url) as conn:
        bands = conn.execute("SELECT count(*) FROM bands").fetchone()
        errors = conn.execute("SELECT last_error FROM probe_jobs").fetchone()
    assert bands == (attempts - 1,)
    assert "Another server took over" in str(errors)


def test_worker_leaves_a_primary_that_refuses_writes(
    app: Application, primary: OwnServer, standby: OwnServer
) -> None:
    worker = app.run_jobs("--poll", "1", "--heartbeat", "2")
    insert_jobs(primary, 10)
    wait_for_final_states(primary.url, 10)
    with caught_up(primary, standby) as conn:
        # The server and the connections to it stay up.
        with psycopg.connect(primary.url, autocommit=True) as demoted:
            demoted.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            demoted.execute("SELECT pg_reload_conf()")
        conn.execute("SELECT pg_promote()")
    insert_jobs(standby, 10)
    ended = wait_for_final_states(standby.url, 20)
    assert {status for status, _ in ended.values()} == {"succeeded"}
    # Each connection of the records' pool has failed once at most.
    assert sum(attempts - 1 for _, attempts in ended.values()) <= 10
    with psycopg.connect(standby.url) as conn:
        assert conn.execute("SELECT count(*) FROM bands").fetchone() == (20,)
    worker.send_signal(signal.SIGTERM)
    assert "cancelling all running jobs" not in worker.wait_for_exit()
