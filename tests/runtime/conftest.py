"""A small application, its database, and real worker processes."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from psycopg.rows import namedtuple_row

from tests.conftest import temporary_database

BIN = Path(sys.executable).parent
PATIENCE = 20.0
"""Seconds after which what a test waits for is called missing."""

SCHEMA = """
CREATE TYPE color AS ENUM ('red', 'sky, blue');
CREATE TABLE bands (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    color COLOR,
    colors COLOR[] DEFAULT '{}' NOT NULL,
    class INT DEFAULT 7 NOT NULL,
    document JSONB,
    documents JSON[] DEFAULT '{}' NOT NULL,
    members TEXT[] DEFAULT '{}' NOT NULL
);
CREATE TABLE probe_jobs (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    status JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL,
    last_error TEXT DEFAULT NULL,
    attempts_count INT DEFAULT 0 NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    locked_by UUID DEFAULT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    what TEXT DEFAULT 'return' NOT NULL,
    moment TIMESTAMP WITH TIME ZONE
);
CREATE INDEX probe_jobs_claim ON probe_jobs (run_at, id)
    WHERE status IN ('job_status_not_started', 'job_status_retry');
CREATE INDEX probe_jobs_running ON probe_jobs (locked_by) WHERE status = 'job_status_running';
CREATE TRIGGER probe_jobs_wake_on_insert AFTER INSERT ON probe_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
CREATE TRIGGER probe_jobs_wake_on_update AFTER UPDATE ON probe_jobs FOR EACH ROW
    WHEN (NEW.status IN ('job_status_not_started', 'job_status_retry')
        AND (OLD.status NOT IN ('job_status_not_started', 'job_status_retry')
            OR NEW.run_at < OLD.run_at))
    EXECUTE FUNCTION wake_job_workers();

-- For the tests alone: every change of a row, in order, as a notification.
CREATE FUNCTION tell_test() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changes', json_build_array(NEW.id, NEW.status, NEW.attempts_count)::TEXT);
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_test AFTER UPDATE ON probe_jobs FOR EACH ROW EXECUTE FUNCTION tell_test();
"""

JOB = """
import asyncio, os, signal, sys, time
from datetime import timedelta
from Generated.Types import ProbeJob
from jobgen_runtime import ExponentialBackoff, Job, LinearBackoff


class Probe(Job[ProbeJob]):
    backoff = LinearBackoff(timedelta(0))
"""


class Rows:
    """The table probe_jobs, and every change of its rows as it comes."""

    def __init__(self, url: str) -> None:
        self.conn = psycopg.connect(url, autocommit=True, row_factory=namedtuple_row)
        self._hears = psycopg.connect(url, autocommit=True)
        self._hears.execute("LISTEN changes")
        self.seen: list[tuple[UUID, str, int]] = []

    def insert(self, what: str = "return", *, n: int = 1, run_at: str = "now()") -> list[UUID]:
        """Plain SQL, as from any language: the ids in their order."""
        rows = self.conn.execute(
            "INSERT INTO probe_jobs (what, run_at)"  # noqa: S608 -- the test's own text
            f" SELECT %s, {run_at} FROM generate_series(1, %s) RETURNING id",
            (what, n),
        )
        return [row[0] for row in rows]

    def get(self, row: UUID) -> Any:
        """The row as it is now."""
        query = """
            SELECT id, created_at, updated_at, status, last_error, attempts_count, locked_at,
                locked_by, CASE WHEN isfinite(run_at) THEN run_at END AS run_at
            FROM probe_jobs WHERE id = %s
        """
        return self.conn.execute(query, (row,)).fetchone()

    def wait(self, rows: list[UUID], status: str, *, attempts: int | None = None) -> None:
        """Until each of the rows has come to that status (at that attempt), now or before."""
        missing = set(rows)

        def note(row: UUID, new: str, count: int) -> None:
            if new == f"job_status_{status}" and attempts in (None, count):
                missing.discard(row)

        for change in self.seen:
            note(*change)
        deadline = time.monotonic() + PATIENCE
        while missing:
            left = deadline - time.monotonic()
            states = [self.get(row) for row in list(missing)[:3]]
            assert left > 0, f"{len(missing)} never came to {status}, such as {states}"
            for notification in self._hears.notifies(timeout=left, stop_after=1):
                row, new, count = json.loads(notification.payload)
                self.seen.append((UUID(row), new, count))
                note(*self.seen[-1])

    def close(self) -> None:
        self.conn.close()
        self._hears.close()


class Process:
    """A command as a process, its output line by line."""

    def __init__(self, command: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line.rstrip("\n"))
        self._new.put(None)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Until so many new lines of the output hold the text."""
        deadline = time.monotonic() + PATIENCE
        while times:
            try:
                line = self._new.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                line = None
            assert line is not None, f"no {text!r} in:\n" + "\n".join(self.lines)
            self.lines.append(line)
            times -= text in line

    def end(self, code: int = 0) -> str:
        """Waits for its end, expects that exit code, and gives the whole output."""
        assert self.process.wait(PATIENCE) == code, "\n".join(self.lines + self._rest())
        self._reader.join(PATIENCE)
        self.lines += self._rest()
        return "\n".join(self.lines)

    def _rest(self) -> list[str]:
        rest: list[str] = []
        while not self._new.empty():
            line = self._new.get()
            rest += [] if line is None else [line]
        return rest

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Application:
    """A project on disk with one job, Probe, and the commands in it."""

    def __init__(self, root: Path, url: str, started: list[Process]) -> None:
        self.root = root
        self.env = {**os.environ, "DATABASE_URL": url, "NO_COLOR": "1"}
        self._started = started

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def job(self, body: str, *, options: str = "") -> None:
        """Writes Probe with that `perform` (a whole function) and those options."""
        text = JOB + textwrap.indent(textwrap.dedent(options) + textwrap.dedent(body), "    ")
        self.write("Web/Job/Probe.py", text)

    def start(self, *command: str, cwd: Path | None = None) -> Process:
        process = Process([str(BIN / command[0]), *command[1:]], cwd or self.root, self.env)
        self._started.append(process)
        return process

    def run_jobs(self, *options: str) -> Process:
        """A worker that has said that it is ready."""
        process = self.start("run-jobs", "--heartbeat", "0.5", *options)
        process.wait_for("ready")
        return process


@contextmanager
def application(root: Path, url: str) -> Iterator[Application]:
    started: list[Process] = []
    made = Application(root, url, started)
    made.write("pyproject.toml", "[tool.jobgen]\n")
    made.write("WorkerMain.py", "from Web.Job.Probe import Probe\n\nworkers = [Probe]\n")
    (root / "Generated").mkdir()
    shutil.copy(Path(__file__).parent / "shop_types.py", root / "Generated/Types.py")
    made.job("async def perform(self, job):\n    print('ran', job.id)\n")
    try:
        yield made
    finally:
        for process in started:
            process.close()


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a database with the runtime's schema and the application's tables."""
    with temporary_database(server_url) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            install_schema_sync(conn)
            conn.execute(SCHEMA.encode())
            name = conn.info.dbname
        yield name


@pytest.fixture
def prepared(server_url: str, template: str) -> Iterator[str]:
    """The address of a copy of the template."""
    with temporary_database(server_url, template) as url:
        yield url


@pytest.fixture
def app(tmp_path: Path, prepared: str) -> Iterator[Application]:
    (tmp_path / "shop").mkdir()
    with application(tmp_path / "shop", prepared) as made:
        yield made


@pytest.fixture
def rows(prepared: str) -> Iterator[Rows]:
    table = Rows(prepared)
    yield table
    table.close()
