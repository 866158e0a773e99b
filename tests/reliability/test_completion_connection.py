"""A worker that gets no connection to write completions over."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.support.application import Application
from tests.support.connections import break_connections
from tests.support.health import start_with_health, wait_for_health
from tests.support.roles import use_worker_role
from tests.support.rows import Rows
from tests.support.waiting import wait_for

COMPLETIONS = "run-jobs write"


@pytest.fixture
def limit_connections(
    app: Application, rows: Rows, make_role: Callable[[], str]
) -> Callable[[int], None]:
    """A function that limits the connections of the worker's role; -1: no limit."""
    role = use_worker_role(app, rows, make_role)

    def limit_to(limit: int) -> None:
        rows.conn.execute(f"ALTER ROLE {role} CONNECTION LIMIT {limit}".encode())

    return limit_to


def statuses(rows: Rows) -> set[str]:
    return {status for (status,) in rows.conn.execute("SELECT status::TEXT FROM probe_jobs")}


@pytest.mark.parametrize("limit", [1, 2])
def test_worker_without_a_connection_for_completions_or_heartbeats_claims_nothing(
    app: Application, rows: Rows, limit_connections: Callable[[int], None], limit: int
) -> None:
    limit_connections(limit)
    rows.insert(n=50)
    worker, url = start_with_health(app)
    worker.wait_for_line("too many connections")
    [process] = wait_for_health(url, "failing")["processes"]
    assert "too many connections" in process["problem"]
    assert statuses(rows) == {"job_status_not_started"}
    limit_connections(-1)
    worker.wait_for_line("ready")
    wait_for(lambda: statuses(rows) == {"job_status_succeeded"}, "all jobs succeed")
    wait_for_health(url, "ok")


def test_worker_that_gets_no_connections_can_be_shut_down(
    app: Application, rows: Rows, limit_connections: Callable[[int], None]
) -> None:
    limit_connections(2)
    rows.insert()
    worker = app.start("run-jobs", "--drain")
    worker.wait_for_line("too many connections")
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "the database does not answer: exiting anyway" not in output
    assert "Probe" not in output.partition("ready")[2]
    assert statuses(rows) == {"job_status_not_started"}


def test_worker_that_loses_its_connection_for_completions_starts_no_more_jobs(
    app: Application, rows: Rows, limit_connections: Callable[[int], None]
) -> None:
    worker, url = start_with_health(app, "--heartbeat", "10")
    wait_for_health(url, "ok")
    rows.wait_for_status(rows.insert(), "succeeded")
    limit_connections(2)
    assert break_connections(rows, COMPLETIONS) == 1
    line = worker.wait_for_line("completions cannot be written, so no jobs are started: ")
    assert "too many connections for role" in line
    wait_for_health(url, "failing")
    jobs = rows.insert(n=20)
    # The worker has polled meanwhile.
    rows.conn.execute("NOTIFY job_workers")
    wait_for_health(url, "failing")
    assert {rows.get(job).status for job in jobs} == {"job_status_not_started"}
    limit_connections(-1)
    worker.wait_for_line("completions can be written again")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    wait_for_health(url, "ok")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("completions cannot be written") == 1


def test_shutdown_gives_its_last_connection_to_the_completions(
    app: Application, rows: Rows, limit_connections: Callable[[int], None]
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("performs", flush=True)
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """
    )
    worker = app.run_jobs("--grace", "60")
    jobs = rows.insert(n=2)
    worker.wait_for_line("performs", times=2)
    limit_connections(2)
    assert break_connections(rows, COMPLETIONS) == 1
    worker.wait_for_line("completions cannot be written")
    app.write("go", "")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    assert [rows.get(job).status for job in jobs] == ["job_status_succeeded"] * 2
    assert [rows.get(job).attempts_count for job in jobs] == [1, 1]


def test_broken_connection_for_completions_is_reopened_before_it_is_needed(
    app: Application, rows: Rows
) -> None:
    worker = app.run_jobs()
    query = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE application_name = %s AND datname = current_database()"
    )

    def pids() -> set[int]:
        return {pid for (pid,) in rows.conn.execute(query.encode(), (COMPLETIONS,))}

    before = pids()
    assert len(before) == 1
    assert break_connections(rows, COMPLETIONS) == 1
    wait_for(lambda: pids() - before, "another connection")
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    assert "completions cannot be written" not in worker.wait_for_exit()
