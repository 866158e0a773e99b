"""PostgreSQL is restarted, crashes, and is killed under workers that are busy."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import install_schema_sync

from tests.support.application import Application, application
from tests.support.bookkeeping import check_effects, wait_for_final_states, write_recorded_job
from tests.support.own_server import FAST, IMMEDIATE, KILLED, OwnServer, own_server
from tests.support.schema import APP_SCHEMA

JOBS = 1000


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as made:
        yield made


@pytest.fixture
def shop(server: OwnServer, tmp_path: Path) -> Iterator[Application]:
    with psycopg.connect(server.url) as conn:
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
        install_schema_sync(conn)
        conn.execute(APP_SCHEMA.encode())
    with application(tmp_path, server.url) as made:
        write_recorded_job(
            made,
            """
            async def perform(self, job):
                with recorded(job):
                    await asyncio.sleep(0.02)
            """,
        )
        yield made


def insert(url: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, %s)", (JOBS,))


def kill_a_backend(url: str) -> None:
    with psycopg.connect(url) as conn:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'run-jobs work' LIMIT 1"
        row = conn.execute(query).fetchone()
        assert row is not None
        os.kill(row[0], signal.SIGKILL)
        # The server ends all others too, and starts over.
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT pg_sleep(30)")


@pytest.mark.parametrize("how", ["fast", "immediate", "killed", "a backend killed"])
def test_all_jobs_succeed_through_a_restart_or_crash_of_the_server(
    server: OwnServer, shop: Application, how: str
) -> None:
    workers = [shop.run_jobs("--poll", "2"), shop.run_jobs("--poll", "2")]
    insert(server.url)
    if how == "a backend killed":
        kill_a_backend(server.url)
    else:
        server.stop({"fast": FAST, "immediate": IMMEDIATE, "killed": KILLED}[how])
    server.start()
    insert(server.url)
    ended = wait_for_final_states(server.url, 2 * JOBS)
    assert {status for status, _ in ended.values()} == {"succeeded"}
    check_effects(shop.root, ended)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        assert "Traceback" not in worker.wait_for_exit()
