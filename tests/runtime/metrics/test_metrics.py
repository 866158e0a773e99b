"""`run-jobs --metrics`: what a worker reports to Prometheus."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request

from tests.support.application import Application, branches
from tests.support.connections import allow_connections, refuse_connections
from tests.support.metrics import Metrics, scrape, start_with_metrics, wait_for_metrics
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT

PERFORM = """
async def perform(self, job):
    SENT.inc()
    {branches}
"""
BODIES = {
    "fail": "raise ValueError",
    "cancel": "raise Cancel('not needed')",
    "snooze": "raise Snooze(for_=timedelta(days=1))",
    "sleep": "await asyncio.sleep(600)",
    "wait": "while not os.path.exists('go'):\n    await asyncio.sleep(0.01)",
}
OPTIONS = "max_attempts = 2\ntimeout = timedelta(seconds=600)\nexpires_after = timedelta(hours=1)\n"


def write_job(app: Application) -> None:
    body = "\n    ".join(branches(BODIES).splitlines())
    app.write_job(PERFORM.format(branches=body), options=OPTIONS)
    module = app.root / "Web/Job/Probe.py"
    head = "from prometheus_client import Counter\nfrom jobgen_runtime import Cancel, Snooze\n"
    head += "SENT = Counter('letters_sent', 'Letters of the application.')\n"
    module.write_text(head + module.read_text())


def outcome(metrics: Metrics, name: str) -> float | None:
    return metrics.get("jobgen_attempts_total", kind="Probe", outcome=name)


def gauge(metrics: Metrics, name: str) -> float | None:
    return metrics.get(name, kind="Probe")


def test_worker_reports_attempts_durations_and_what_the_table_holds(
    app: Application, rows: Rows, server_url: str
) -> None:
    write_job(app)
    rows.insert(n=3, run_at="now() - interval '20 seconds'")
    rows.insert("return", run_at="'-infinity'")
    rows.insert("expires", run_at="now() - interval '2 hours'")
    rows.insert("later", n=2, run_at="now() + interval '1 day'")
    for what in ("fail", "cancel", "snooze", "wait"):
        rows.insert(what)
    _, url = start_with_metrics(app, "--heartbeat", "0.5")
    found = wait_for_metrics(
        url,
        lambda seen: (
            (outcome(seen, "succeeded"), outcome(seen, "failed")) == (4, 1)
            and gauge(seen, "jobgen_jobs_failed") == 3
            and bool(seen.get("jobgen_process_healthy", process="1"))
        ),
    )
    ended = {name: outcome(found, name) for name in ("retried", "cancelled", "expired", "snoozed")}
    assert ended == {"retried": 1, "cancelled": 1, "expired": 1, "snoozed": 1}
    assert outcome(found, "timed_out") == outcome(found, "released") == 0
    assert gauge(found, "jobgen_claimed_jobs_total") == 10
    # All attempts but the expired one, which has not begun; the waiting one has not ended.
    assert gauge(found, "jobgen_run_seconds_count") == 8
    assert 0 < (gauge(found, "jobgen_run_seconds_sum") or 0) < 8 * TIMEOUT
    # The one that is due since minus infinity has no wait.
    assert gauge(found, "jobgen_wait_seconds_count") == 8
    assert found.get("jobgen_wait_seconds_bucket", kind="Probe", le="10.0") == 5
    assert found.get("jobgen_wait_seconds_bucket", kind="Probe", le="+Inf") == 8
    assert 60 <= (gauge(found, "jobgen_wait_seconds_sum") or 0) < 60 + 8 * TIMEOUT
    # Of the table.
    assert gauge(found, "jobgen_jobs_due") == gauge(found, "jobgen_oldest_due_age_seconds") == 0
    assert gauge(found, "jobgen_jobs_scheduled") == 3
    assert gauge(found, "jobgen_jobs_running") == gauge(found, "jobgen_slots_busy") == 1
    assert gauge(found, "jobgen_kind_workers") == found.get("jobgen_database_up") == 1
    assert gauge(found, "jobgen_kind_paused") == 0
    assert 0 <= (found.get("jobgen_heartbeat_age_seconds", process="1") or 0) < TIMEOUT
    # The application's own metric: all attempts that have begun.
    assert found.get("letters_sent_total") == 9

    refuse_connections(rows, server_url)
    away = wait_for_metrics(url, lambda seen: seen.get("jobgen_database_up") == 0)
    assert outcome(away, "succeeded") == 4
    assert gauge(away, "jobgen_jobs_due") is None
    allow_connections(rows, server_url)
    app.write("go", "")
    wait_for_metrics(
        url, lambda seen: seen.get("jobgen_database_up") == 1 and outcome(seen, "succeeded") == 5
    )


def test_figures_of_a_paused_kind_have_its_due_jobs_and_their_age(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("INSERT INTO job_pauses (job_table) VALUES ('probe_jobs')")
    rows.insert(n=2, run_at="now() - interval '1000 seconds'")
    worker, url = start_with_metrics(app)
    found = wait_for_metrics(url, lambda seen: gauge(seen, "jobgen_kind_paused") == 1)
    assert gauge(found, "jobgen_jobs_due") == 2
    assert 1000 <= (gauge(found, "jobgen_oldest_due_age_seconds") or 0) < 1000 + TIMEOUT
    assert gauge(found, "jobgen_claimed_jobs_total") == 0

    # Clients of every kind, while one sends nothing.
    address = ("127.0.0.1", int(url.rpartition("/")[0].rpartition(":")[2]))
    answers = {
        b"HEAD /metrics HTTP/1.1\r\n\r\n": b" 200 ",
        b"GET / HTTP/1.1\r\n\r\n": b" 404 ",
        b"POST /metrics HTTP/1.1\r\n\r\n": b" 501 ",
    }
    with socket.create_connection(address):
        for request, answer in answers.items():
            with socket.create_connection(address, timeout=TIMEOUT) as client:
                client.sendall(request)
                assert answer in client.recv(1000).splitlines()[0]
        accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
        openmetrics = urllib.request.Request(url, headers=accept)  # noqa: S310 -- a local server
        with urllib.request.urlopen(openmetrics, timeout=TIMEOUT) as got:  # noqa: S310
            assert got.headers["Content-Type"].startswith("application/openmetrics-text")
            assert got.read().endswith(b"# EOF\n")
        worker.send_signal(signal.SIGTERM)
        assert "Traceback" not in worker.wait_for_exit()


def test_supervisor_adds_the_counts_of_all_processes_also_of_those_that_have_exited(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from prometheus_client import REGISTRY, Counter
            name = "letters_sent"
            sent = REGISTRY._names_to_collectors.get(name) or Counter(name, "Of the application.")
            sent.inc()
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
        """,
        options="max_concurrency = 2\n",
    )
    # The library's mode for several processes; it reads the variable when it is imported.
    (app.root / "counted").mkdir()
    app.env["PROMETHEUS_MULTIPROC_DIR"] = str(app.root / "counted")
    worker, url = start_with_metrics(app, "--processes", "2")
    worker.wait_for_line("ready", times=2)
    rows.insert(n=4)
    found = wait_for_metrics(
        url,
        lambda seen: (
            gauge(seen, "jobgen_jobs_running") == gauge(seen, "jobgen_slots_busy") == 4
            and gauge(seen, "jobgen_kind_workers") == 2
        ),
    )
    assert gauge(found, "jobgen_slots") == 4
    # One process reads the database for both.
    connections = "SELECT FROM pg_stat_activity WHERE application_name = 'run-jobs metrics'"
    connections += " AND datname = current_database()"
    assert rows.conn.execute(connections.encode()).rowcount == 1
    app.write("go", "")
    wait_for_metrics(url, lambda seen: outcome(seen, "succeeded") == 4)
    pids = [pid for (pid,) in rows.conn.execute("SELECT pid FROM job_workers")]
    assert len(pids) == 2
    # While the process that reads the database does not answer, the other one does it.
    for number, pid in enumerate(pids, 1):
        os.kill(pid, signal.SIGSTOP)
        rows.insert(run_at="now() + interval '1 day'")

        def is_read(seen: Metrics, scheduled: int = number) -> bool:
            return gauge(seen, "jobgen_jobs_scheduled") == scheduled

        stopped = wait_for_metrics(url, is_read)
        assert outcome(stopped, "succeeded") == 4
        os.kill(pid, signal.SIGCONT)
    os.kill(pids[0], signal.SIGKILL)
    restarted = wait_for_metrics(
        url,
        lambda seen: (
            seen.get("jobgen_process_restarts_total") == 1
            and all(seen.get("jobgen_process_healthy", process=n) for n in "12")
        ),
    )
    assert outcome(restarted, "succeeded") == restarted.get("letters_sent_total") == 4
    worker.send_signal(signal.SIGTERM)
    assert "Traceback" not in worker.wait_for_exit()


def test_metrics_are_refused_where_the_port_is_taken_or_the_library_is_missing(
    app: Application,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for more in ((), ("--processes", "2")):
            output = app.start("run-jobs", "--metrics", str(port), *more).wait_for_exit(1)
            assert f"--metrics cannot listen on 127.0.0.1:{port}: Address already in" in output
            assert "Traceback" not in output
    app.write("prometheus_client.py", "raise ImportError('No module named prometheus_client')\n")
    app.env["PYTHONPATH"] = str(app.root)
    output = app.start("run-jobs", "--metrics", "0").wait_for_exit(1)
    assert "pip install 'jobgen-runtime[prometheus]'" in output
    assert "Traceback" not in output


def test_scrape_of_a_worker_that_still_loads_its_jobs_is_answered(app: Application) -> None:
    module = app.root / "WorkerMain.py"
    waits = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\n"
    module.write_text(waits + module.read_text())
    _, url = start_with_metrics(app)
    found = scrape(url)
    assert found.get("jobgen_process_healthy", process="1") == 0
    assert found.get("jobgen_database_up") is None
    app.write("go", "")
    wait_for_metrics(url, lambda seen: seen.get("jobgen_process_healthy", process="1") == 1)
