"""Spans of a real worker and of its processes, as an exporter gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.application import Application, application, branches
from tests.support.database import install_app_schema, temporary_database
from tests.support.rows import Rows
from tests.support.tracing import (
    SPAN_ID,
    TRACE_ID,
    TRACED_STATEMENTS,
    TRACEPARENT,
    read_spans,
    trace_to_files,
)

pytestmark = pytest.mark.xdist_group("worker_spans")

KINDS = """
import os
import time
from dataclasses import replace
from datetime import timedelta

from Generated.Types import ProbeJob
from jobgen_runtime import Job, current_attempt
from Web.Job.Probe import Probe


class SlowJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="slow_jobs")


class ThreadJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="thread_jobs")


class SlowThreadJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="slow_thread_jobs")


class ProcessJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="process_jobs")


class SlowProcessJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="slow_process_jobs")


class Slow(Job[SlowJob]):
    timeout = timedelta(seconds=0.1)

    async def perform(self, job):
        import asyncio
        await asyncio.sleep(3600)


class InThread(Job[ThreadJob]):
    max_attempts = 1

    def perform(self, job):
        if job.what == "fails":
            raise ValueError("from a thread")


class SlowInThread(Job[SlowThreadJob]):
    timeout = timedelta(seconds=0.1)

    def perform(self, job):
        while current_attempt().stop_reason is None:
            time.sleep(0.01)


class InProcess(Job[ProcessJob]):
    isolation = "process"

    def perform(self, job):
        from opentelemetry import trace
        assert os.getpid() != int(os.environ["WORKER"])
        trace.get_current_span().set_attribute("seen", job.what)
        if job.what == "creates":
            import logging
            logging.getLogger("shop").info("from %s", job.what)
            ThreadJob.create_sync(what="created")


class SlowInProcess(Job[SlowProcessJob]):
    timeout = timedelta(seconds=2)
    isolation = "process"

    def perform(self, job):
        time.sleep(3600)


workers = [Probe, Slow, InThread, SlowInThread, InProcess, SlowInProcess]
for kind in workers:
    kind.backoff = Probe.backoff
    kind.max_attempts = 1 if "Slow" in kind.__name__ else 2
"""
PERFORM = branches(
    {
        "fails": "raise ValueError('for a reason')",
        "snoozes": """
            if not os.path.exists('snoozed'):
                open('snoozed', 'w').close()
                raise Snooze(for_=timedelta(0))
            """,
        "cancels": "raise Cancel('no longer needed')",
        "commits": """
            async with job.transaction():
                pass
            raise ValueError('after its end')
            """,
        "creates": """
            logging.getLogger("shop").info("from %s", job.what)
            await ProbeJob.create(what='returns')
            """,
        "queries": """
            from jobgen_runtime import connection
            async with connection() as conn:
                await conn.execute("SELECT 'traced'")
            """,
        "breaks a rule": """
            from Generated.Types import Band
            band = await Band.create(name='a secret')
            await Band.create(id=band.id, name='b')
            """,
    }
)
SLOW_EXPORTS = """
import time

worker = os.environ.setdefault("WORKER", str(os.getpid()))
if worker != str(os.getpid()):
    export = exporter.export
    exporter.export = lambda spans: time.sleep(0.5) or export(spans)
"""
"""More of `settings`: the processes of jobs export as slowly as over a network."""
BODY = "async def perform(self, job):\n" + "".join(f"    {line}\n" for line in PERFORM.split("\n"))
JOBS = (
    ("probe", "returns", TRACEPARENT),
    ("probe", "fails", "00-not-a-trace-01"),
    ("probe", "snoozes", "\x01" * 5000),
    ("probe", "cancels", TRACEPARENT.replace("01", "zz")),
    ("probe", "commits", None),
    ("probe", "creates", None),
    ("probe", "queries", None),
    ("probe", "breaks a rule", None),
    ("slow", "times out", None),
    ("thread", "returns", TRACEPARENT),
    ("thread", "fails", None),
    ("slow_thread", "times out", None),
    ("process", "creates", TRACEPARENT),
    ("slow_process", "times out", None),
)
TABLES = tuple(dict.fromkeys(table for table, _, _ in JOBS))

Span = dict[str, Any]


@dataclass
class Spans:
    """All spans of one worker, and the ids of the jobs that it ran."""

    all: list[Span]
    jobs: dict[tuple[str, str], str]
    files: int
    log: list[dict[str, Any]]

    def of(self, table: str, what: str) -> list[Span]:
        """Return the spans of a job's attempts, in order."""
        return self.processed(self.jobs[table, what])

    def processed(self, job: str) -> list[Span]:
        """Return the consumer spans of the job with an id."""
        found = (each for each in self.all if each["kind"] == "SpanKind.CONSUMER")
        return [each for each in found if each["attributes"]["messaging.message.id"] == job]


@pytest.fixture(scope="module")
def spans(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spans]:
    root = tmp_path_factory.mktemp("traced")
    with temporary_database(server_url) as url, application(root, url) as app:
        install_app_schema(url)
        rows = Rows(url)
        app.write("WorkerMain.py", KINDS)
        trace_to_files(app, rows.conn)
        for table in TABLES[1:]:
            rows.conn.execute(f"CREATE TABLE {table}_jobs (LIKE probe_jobs INCLUDING ALL)".encode())
        app.write_job(BODY)
        module = app.root / "Web/Job/Probe.py"
        module.write_text(
            "import logging\nfrom jobgen_runtime import Cancel, Snooze\n" + module.read_text()
        )
        settings = app.root / "settings.py"
        settings.write_text(settings.read_text() + SLOW_EXPORTS + TRACED_STATEMENTS)
        jobs = {}
        for table, what, traceparent in JOBS:
            query = f"INSERT INTO {table}_jobs (what, traceparent) VALUES (%s, %s) RETURNING id"  # noqa: S608 -- the test's own text
            for [job] in rows.conn.execute(query.encode(), (what, traceparent)):
                jobs[table, what] = str(job)
        log = app.start("run-jobs", "--drain", "--log-format", "json").wait_for_exit(1)
        rows.close()
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        files = len(list(app.root.glob("spans-*.jsonl")))
        yield Spans(read_spans(app.root), jobs, files, lines)


@pytest.mark.parametrize(
    ("table", "what", "expected"),
    [
        ("probe", "returns", ["1 succeeded final - UNSET"]),
        ("probe", "fails", ["1 failed - ValueError ERROR", "2 failed final ValueError ERROR"]),
        ("probe", "snoozes", ["1 snoozed - - UNSET", "1 succeeded final - UNSET"]),
        ("probe", "cancels", ["1 cancelled final - UNSET"]),
        ("probe", "commits", ["1 succeeded final - UNSET"]),
        ("slow", "times out", ["1 timed_out final timeout ERROR"]),
        ("thread", "returns", ["1 succeeded final - UNSET"]),
        ("thread", "fails", ["1 failed - ValueError ERROR", "2 failed final ValueError ERROR"]),
        ("slow_thread", "times out", ["1 timed_out final timeout ERROR"]),
        ("process", "creates", ["1 succeeded final - UNSET"]),
        ("slow_process", "times out", ["1 timed_out final timeout ERROR"]),
    ],
)
def test_each_attempt_is_a_span_with_its_outcome(
    spans: Spans, table: str, what: str, expected: list[str]
) -> None:
    found = []
    for each in spans.of(table, what):
        attributes = each["attributes"]
        final = "final" if attributes["jobgen.is_final"] else "-"
        words = (
            attributes["jobgen.attempt"],
            attributes["jobgen.outcome"],
            final,
            attributes.get("error.type", "-"),
            each["status"]["status_code"],
        )
        found.append(" ".join(map(str, words)))
    assert found == expected


def test_span_has_the_attributes_of_messaging_and_those_of_the_attempt(spans: Spans) -> None:
    [span] = spans.of("probe", "returns")
    attributes = dict(span["attributes"])
    assert span["name"] == "process probe_jobs"
    worker = attributes.pop("messaging.client.id")
    others = [each["attributes"].get("messaging.client.id", worker) for each in spans.all]
    assert set(others) == {worker}
    assert attributes.pop("jobgen.queue_delay") >= 0
    assert attributes == {
        "messaging.system": "jobgen",
        "messaging.destination.name": "probe_jobs",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.message.id": spans.jobs["probe", "returns"],
        "jobgen.kind": "Probe",
        "jobgen.attempt": 1,
        "jobgen.max_attempts": 2,
        "jobgen.outcome": "succeeded",
        "jobgen.is_final": True,
    }


@pytest.mark.parametrize(("table", "what", "traceparent"), JOBS)
def test_span_is_linked_to_a_valid_traceparent_and_to_nothing_else(
    spans: Spans, table: str, what: str, traceparent: str | None
) -> None:
    found = spans.of(table, what)
    assert found
    for each in found:
        links = [link["context"] for link in each["links"]]
        contexts = [(link["trace_id"], link["span_id"]) for link in links]
        expected = [(f"0x{TRACE_ID}", f"0x{SPAN_ID}")] if traceparent == TRACEPARENT else []
        assert contexts == expected
        assert each["parent_id"] is None
        assert each["context"]["trace_id"] != f"0x{TRACE_ID}"


@pytest.mark.parametrize("table", ["probe", "process"])
def test_job_that_a_job_creates_is_linked_to_a_span_below_that_of_the_job(
    spans: Spans, table: str
) -> None:
    [parent] = spans.of(table, "creates")
    [sent] = [each for each in spans.all if each["parent_id"] == parent["context"]["span_id"]]
    assert sent["kind"] == "SpanKind.PRODUCER"
    [processed] = spans.processed(sent["attributes"]["messaging.message.id"])
    assert sent["name"] == f"send {processed['attributes']['messaging.destination.name']}"
    [link] = processed["links"]
    assert link["context"] == sent["context"] | {"trace_state": "[]"}


def test_span_of_a_process_is_current_in_perform_and_exported_when_the_process_ends(
    spans: Spans,
) -> None:
    [span] = spans.of("process", "creates")
    assert span["attributes"]["seen"] == "creates"
    assert spans.files >= 3


def test_statement_of_perform_is_a_span_below_that_of_the_job(spans: Spans) -> None:
    [span] = spans.of("probe", "queries")
    [query] = [each for each in spans.all if each["name"] == "execute SELECT 'traced'"]
    assert query["parent_id"] == span["context"]["span_id"]


def test_exception_is_recorded_without_the_values_of_rows(spans: Spans) -> None:
    first = spans.of("probe", "fails")[0]
    assert first["status"]["description"] == "ValueError: for a reason"
    [event] = first["events"]
    assert event["attributes"]["exception.message"] == "for a reason"
    assert event["attributes"]["exception.stacktrace"].endswith("ValueError: for a reason")
    broken = spans.of("probe", "breaks a rule")
    assert len(broken) == 2
    for span in broken:
        assert "duplicate key value violates unique constraint" in str(span["events"])
        assert "already exists" not in str(span)


@pytest.mark.parametrize("table", ["probe", "process"])
def test_json_log_line_of_a_job_has_the_ids_of_its_span(spans: Spans, table: str) -> None:
    [span] = spans.of(table, "creates")
    job = spans.jobs[table, "creates"]
    [line] = [each for each in spans.log if each.get("id") == job and each["logger"] == "shop"]
    ids = (f"0x{line['trace_id']}", f"0x{line['span_id']}")
    assert ids == (span["context"]["trace_id"], span["context"]["span_id"])
    others = [each for each in spans.log if each["logger"] == "jobgen.worker"]
    assert others
    assert not any("trace_id" in each for each in others)


SCRIPT = """
from Generated.Types import ProbeJob


async def run() -> None:
    await ProbeJob.create_many([{}, {}, {}])
"""


def test_scripts_and_each_of_several_worker_processes_export_their_spans(
    app: Application, rows: Rows
) -> None:
    app.write_job("async def perform(self, job):\n    pass\n")
    trace_to_files(app, rows.conn)
    app.write("Application/Script/Fill.py", SCRIPT)
    with (app.root / "settings.py").open("a") as settings:
        settings.write("from jobgen_runtime.telemetry import trace_enqueues\n\ntrace_enqueues()\n")
    app.start("run-script", "Application/Script/Fill.py").wait_for_exit()
    [sent] = read_spans(app.root)
    assert sent["attributes"]["messaging.batch.message_count"] == 3
    app.start("run-jobs", "--processes", "2", "--drain").wait_for_exit()
    processed = [each for each in read_spans(app.root) if each["kind"] == "SpanKind.CONSUMER"]
    links = [link["context"]["span_id"] for each in processed for link in each["links"]]
    assert links == [sent["context"]["span_id"]] * 3
