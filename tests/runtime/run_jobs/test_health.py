"""`run-jobs --health`: the health endpoint for orchestrators."""

from __future__ import annotations

import argparse
import os
import signal
import socket

import pytest
from jobgen_runtime.cli.http_endpoint import parse_address

from tests.support.application import Application
from tests.support.connections import allow_connections, refuse_connections
from tests.support.health import get_health, start_with_health, wait_for_health
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT, wait_for


def test_health_is_starting_and_then_ok(app: Application) -> None:
    module = app.root / "WorkerMain.py"
    waits = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\n"
    module.write_text(waits + module.read_text())
    _, url = start_with_health(app)
    assert url.startswith("http://127.0.0.1:")
    assert get_health(url) == (
        503,
        {
            "status": "starting",
            "processes": [{"status": "starting", "heartbeat_age": None, "claim_age": None}],
        },
    )
    app.write("go", "")
    [process] = wait_for_health(f"{url}healthz", "ok")["processes"]
    assert 0 <= process["heartbeat_age"] < 1.5
    assert 0 <= process["claim_age"] < TIMEOUT


def test_health_is_failing_while_the_event_loop_is_blocked(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            while not os.path.exists("go"):
                time.sleep(0.01)
        """
    )
    _, url = start_with_health(app)
    wait_for_health(url, "ok")
    jobs = rows.insert()

    def only_the_claims_fail() -> bool:
        [process] = wait_for_health(url, "failing")["processes"]
        return bool(process["claim_age"] > 1.5 > process["heartbeat_age"])

    # On a busy machine, a heartbeat may be late for a moment.
    wait_for(only_the_claims_fail, "claims are late, heartbeats are not", interval=0.05)
    app.write("go", "")
    wait_for_health(url, "ok")
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_health_is_failing_without_the_database(
    app: Application, rows: Rows, server_url: str
) -> None:
    # With so long a poll interval, only the heartbeat can tell.
    _, url = start_with_health(app, "--poll", "600")
    wait_for_health(url, "ok")
    refuse_connections(rows, server_url)
    wait_for_health(url, "failing")
    allow_connections(rows, server_url)
    wait_for_health(url, "ok")


def test_health_is_ok_while_a_shutdown_waits_for_a_job(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("runs", flush=True)
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """
    )
    worker, url = start_with_health(app, "--grace", "600")
    wait_for_health(url, "ok")
    rows.insert()
    worker.wait_for_line("runs")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_line("1 running")
    heartbeats: set[object] = set()

    def is_ok_after_longer_than_any_limit() -> bool:
        heartbeats.update(rows.conn.execute("SELECT heartbeat_at FROM job_workers"))
        # On a busy machine, a heartbeat may be late for a moment.
        return len(heartbeats) > 5 and get_health(url)[0] == 200

    wait_for(is_ok_after_longer_than_any_limit, "ok after five heartbeats", interval=0.05)
    app.write("go", "")
    worker.wait_for_exit()


def test_supervisor_reports_the_worst_health_of_its_processes(app: Application, rows: Rows) -> None:
    worker, url = start_with_health(app, "--processes", "2")
    worker.wait_for_line("ready", times=2)
    assert len(wait_for_health(url, "ok")["processes"]) == 2
    row = rows.conn.execute("SELECT pid FROM job_workers LIMIT 1").fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGSTOP)

    def only_the_stopped_one_fails() -> bool:
        body = wait_for_health(url, "failing")
        return sorted(process["status"] for process in body["processes"]) == ["failing", "ok"]

    # On a busy machine, the heartbeats of the other process may be late for a moment.
    wait_for(only_the_stopped_one_fails, "the other process is ok", interval=0.05)
    os.kill(row[0], signal.SIGKILL)
    wait_for_health(url, "starting")
    wait_for_health(url, "ok")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_bad_http_requests_do_not_disturb_the_health_endpoint(app: Application) -> None:
    worker, url = start_with_health(app)
    wait_for_health(url, "ok")
    address = ("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))
    answers = {
        b"GET /../../etc/passwd HTTP/1.1\r\n\r\n": b" 404 ",
        b"POST / HTTP/1.1\r\n\r\n": b" 501 ",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n": b" 414 ",
        b"HEAD / HTTP/1.1\r\n\r\n": b" 200 ",
    }
    for request, answer in answers.items():
        with socket.create_connection(address, timeout=TIMEOUT) as client:
            client.sendall(request)
            assert answer in client.recv(1000).splitlines()[0]
    with socket.create_connection(address, timeout=TIMEOUT) as client:
        client.sendall(b"\x00\xff\r\n\r\n")
        assert client.recv(1000)
    # Clients that send nothing or disconnect do not delay others.
    with socket.create_connection(address):
        socket.create_connection(address).close()
        assert get_health(url)[0] == 200
    worker.send_signal(signal.SIGTERM)
    assert "Traceback" not in worker.wait_for_exit()


def test_health_port_in_use_is_an_error(app: Application) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for more in ((), ("--processes", "2")):
            output = app.start("run-jobs", "--health", str(port), *more).wait_for_exit(1)
            assert f"--health cannot listen on 127.0.0.1:{port}: Address already in use" in output
            assert "Traceback" not in output


def test_health_address_is_a_port_or_host_and_port() -> None:
    assert parse_address("8080") == ("127.0.0.1", 8080)
    assert parse_address("0.0.0.0:8080") == ("0.0.0.0", 8080)  # noqa: S104 -- it was asked for
    assert parse_address("[::1]:8080") == ("::1", 8080)
    for wrong in ("", "x", ":8080", "host", "host:", "70000", "-1"):
        with pytest.raises(argparse.ArgumentTypeError, match="neither PORT nor HOST:PORT"):
            parse_address(wrong)
