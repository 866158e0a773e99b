"""The hook for Sentry of docs/telemetry.md, with a server that gets its events."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.docs.snippets import Write, steps
from tests.support.application import Application, branches
from tests.support.rows import Rows

DOCUMENT = Path(__file__).parents[3] / "docs/telemetry.md"
KINDS = """
import asyncio
from dataclasses import replace
from datetime import timedelta

from Generated.Types import ProbeJob
from jobgen_runtime import Hook, Job
from Web.Job.Probe import Probe


class ProcessJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="process_jobs")


class SlowJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="slow_jobs")


class Slow(Job[SlowJob]):
    max_attempts = 2
    backoff = Probe.backoff
    timeout = timedelta(seconds=0.1)

    async def perform(self, job):
        await asyncio.sleep(3600)


class InProcess(Job[ProcessJob]):
    max_attempts = 1
    isolation = "process"

    def perform(self, job):
        raise ValueError("from a process")


workers = [Probe, Slow, InProcess]
around: list[Hook] = []
"""
PERFORM = branches(
    {
        "tags": "import sentry_sdk\nsentry_sdk.set_tag('tenant', 'of another job')",
        "fails": "raise ValueError('from a coroutine')",
        "snoozes": """
            if not os.path.exists('snoozed'):
                open('snoozed', 'w').close()
                raise Snooze(for_=timedelta(0))
            """,
        "cancels": "raise Cancel('no longer needed')",
    }
)
BODY = "async def perform(self, job):\n" + "".join(f"    {line}\n" for line in PERFORM.split("\n"))

Event = dict[str, Any]


class _Sentry(BaseHTTPRequestHandler):
    """Take envelopes as https://develop.sentry.dev/sdk/data-model/envelopes/ describes them."""

    events: list[Event]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        _, *lines = body.split(b"\n")
        for head, payload in zip(lines[::2], lines[1::2], strict=False):
            if json.loads(head)["type"] == "event":
                self.events.append(json.loads(payload))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[Event]]]:
    """The address of a server for events, and those that it has got."""

    class Handler(_Sentry):
        events: list[Event] = []  # noqa: RUF012 -- of this class alone

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", Handler.events
        server.shutdown()
        thread.join()


def test_each_failed_attempt_is_one_event_that_says_whether_it_is_the_last(
    app: Application, rows: Rows, sentry: tuple[str, list[Event]]
) -> None:
    address, events = sentry
    app.env["SENTRY_DSN"] = address
    app.write("WorkerMain.py", KINDS)
    main = app.root / "WorkerMain.py"
    for step in steps(DOCUMENT.read_text()):
        if isinstance(step, Write) and step.path == "Reports.py":
            app.write("Reports.py", step.text)
        elif isinstance(step, Write) and "Reports" in step.text:
            main.write_text(main.read_text() + step.text)
    assert "report_failures" in main.read_text()
    for table in (b"process_jobs", b"slow_jobs"):
        rows.conn.execute(b"CREATE TABLE " + table + b" (LIKE probe_jobs INCLUDING ALL)")
        rows.conn.execute(b"INSERT INTO " + table + b" DEFAULT VALUES")
    app.write_job(BODY, options="max_attempts = 2\nmax_concurrency = 1\n")
    module = app.root / "Web/Job/Probe.py"
    module.write_text("from jobgen_runtime import Cancel, Snooze\n" + module.read_text())
    jobs = {what: str(rows.insert(what)[0]) for what in ("tags", "fails", "snoozes", "cancels")}
    app.start("run-jobs", "--drain").wait_for_exit(1)

    reported = sorted(
        (
            event["transaction"],
            event["exception"]["values"][-1]["type"],
            event["tags"]["job.attempt"],
            event["tags"]["job.final"],
            event["tags"]["job.timed_out"],
            event["level"],
        )
        for event in events
    )
    assert reported == [
        ("InProcess", "ValueError", 1, True, False, "error"),
        ("Probe", "ValueError", 1, False, False, "warning"),
        ("Probe", "ValueError", 2, True, False, "error"),
        ("Slow", "CancelledError", 1, False, True, "warning"),
        ("Slow", "CancelledError", 2, True, True, "error"),
    ]
    of_failed = [each for each in events if each["contexts"]["job"]["id"] == jobs["fails"]]
    assert len(of_failed) == 2
    # Sentry groups events by their frames unless the hook says otherwise.
    functions = [
        [frame["function"] for frame in each["exception"]["values"][-1]["stacktrace"]["frames"]]
        for each in of_failed
    ]
    assert functions[0] == functions[1]
    assert functions[0][-1] == "perform"
    for event in events:
        assert "fingerprint" not in event
        assert "tenant" not in event["tags"]
