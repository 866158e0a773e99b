"""Restarts and crashes of PostgreSQL under busy workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.application import Application, application
from tests.support.bookkeeping import check_effects, wait_for_final_states, write_recorded_job
from tests.support.database import install_app_schema
from tests.support.own_server import FAST, IMMEDIATE, KILLED, OwnServer, own_server

JOBS = 1000


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """A server for the tests of this file."""
    with own_server() as made:
        yield made


@pytest.fixture
def shop(server: OwnServer, tmp_path: Path) -> Iterator[Application]:
    """An application over an emptied database of the server, whose jobs record their effects."""
    with psycopg.connect(server.url) as conn:
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
    install_app_schema(server.url)
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


def insert_jobs(url: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, %s)", (JOBS,))


def kill_backend(url: str) -> None:
    """Kill a server process of a worker: the server terminates all others and recovers."""
    with psycopg.connect(url) as conn:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'run-jobs work' LIMIT 1"
        row = conn.execute(query).fetchone()
        assert row is not None
        os.kill(row[0], signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT pg_sleep(30)")


@pytest.mark.parametrize("how", ["fast", "immediate", "killed", "backend killed"])
def test_all_jobs_succeed_through_a_restart_or_crash_of_the_server(
    server: OwnServer, shop: Application, how: str
) -> None:
    workers = [shop.run_jobs("--poll", "2"), shop.run_jobs("--poll", "2")]
    insert_jobs(server.url)
    if how == "backend killed":
        kill_backend(server.url)
    else:
        server.stop({"fast": FAST, "immediate": IMMEDIATE, "killed": KILLED}[how])
    server.start()
    insert_jobs(server.url)
    ended = wait_for_final_states(server.url, 2 * JOBS)
    assert {status for status, _ in ended.values()} == {"succeeded"}
    check_effects(shop.root, ended)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        assert "Traceback" not in worker.wait_for_exit()
