"""Several hosts in one address: the one that takes writes is found, also when it changes."""

from __future__ import annotations

import signal
import time
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
    """Its address has both hosts, the standby first, and says nothing of target_session_attrs."""
    hosts = [str(conninfo_to_dict(server.url)["host"]) for server in (standby, primary)]
    with application(tmp_path, make_conninfo(primary.url, host=",".join(hosts))) as made:
        made.write_job(RECORDS)
        yield made


@contextmanager
def caught_up(primary: OwnServer, standby: OwnServer) -> Iterator[psycopg.Connection]:
    """A connection to the standby, once it has all that the primary has committed."""
    with psycopg.connect(primary.url) as conn:
        written = conn.execute("SELECT pg_current_wal_lsn()").fetchone()
    with psycopg.connect(standby.url, autocommit=True) as conn:
        _wait_while(conn, "SELECT pg_last_wal_replay_lsn() < %s::pg_lsn", written)
        yield conn


def _wait_while(
    conn: psycopg.Connection, condition: LiteralString, params: Sequence[object] | None = None
) -> None:
    """A standby tells nobody how far it is: it has to be asked."""
    while conn.execute(condition, params).fetchone() == (True,):
        time.sleep(0.01)


def detach(standby: OwnServer) -> None:
    """The standby gets no more of what the primary commits."""
    with psycopg.connect(standby.url, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET primary_conninfo = ''")
        conn.execute("SELECT pg_reload_conf()")
        _wait_while(conn, "SELECT count(*) > 0 FROM pg_stat_wal_receiver")


def insert(server: OwnServer, jobs: int) -> None:
    with psycopg.connect(server.url) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, %s)", (jobs,))


def test_the_primary_is_killed_and_the_standby_promoted(
    app: Application, primary: OwnServer, standby: OwnServer
) -> None:
    workers = [app.run_jobs(), app.run_jobs()]
    insert(primary, 1000)
    with caught_up(primary, standby) as conn:
        primary.stop(KILLED)
        # Nobody takes writes now.
        workers[0].wait_for_line("the database does not answer")
        conn.execute("SELECT pg_promote()")
    insert(standby, 100)
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


@pytest.mark.parametrize("ended", ["before", "after"])
@pytest.mark.parametrize(("attempts", "status"), [(2, "succeeded"), (1, "failed")])
def test_what_a_job_wrote_is_lost_with_the_primary(
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
    insert(primary, 1)
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


def test_a_primary_that_takes_no_more_writes_is_left_for_another(
    app: Application, primary: OwnServer, standby: OwnServer
) -> None:
    worker = app.run_jobs("--poll", "1", "--heartbeat", "2")
    insert(primary, 10)
    wait_for_final_states(primary.url, 10)
    with caught_up(primary, standby) as conn:
        # It runs on, and so do the connections to it.
        with psycopg.connect(primary.url, autocommit=True) as demoted:
            demoted.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            demoted.execute("SELECT pg_reload_conf()")
        conn.execute("SELECT pg_promote()")
    insert(standby, 10)
    ended = wait_for_final_states(standby.url, 20)
    assert {status for status, _ in ended.values()} == {"succeeded"}
    # Each connection for records has failed once at most.
    assert sum(attempts - 1 for _, attempts in ended.values()) <= 10
    with psycopg.connect(standby.url) as conn:
        assert conn.execute("SELECT count(*) FROM bands").fetchone() == (20,)
    worker.send_signal(signal.SIGTERM)
    assert "cancelling all running jobs" not in worker.wait_for_exit()
