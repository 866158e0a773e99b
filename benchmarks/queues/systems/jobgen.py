"""jobgen as users run it: a generated application and `run-jobs`.

Only the body of the job is written here, into the module that a user would edit as well.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.queues.handlers import Handler
from benchmarks.queues.system import ClientOptions, Enqueuer, WorkerOptions
from benchmarks.queues.systems.python_system import PythonClient

_CONCURRENCY = 100
_APPLICATION = "BENCH_APPLICATION"
_MODULE = """\
import os

from benchmarks.queues.handlers import CURRENT, Style, async_job, sync_job
from jobgen_runtime import Job

from Generated.Types import NoopJob

if CURRENT.style is Style.ASYNC:
    do = async_job()
else:
    do_sync = sync_job()


class Noop(Job[NoopJob]):
    max_concurrency = int(os.environ["BENCH_CONCURRENCY"])

    if CURRENT.style is Style.PROCESSES:
        isolation = "process"

    if CURRENT.style is Style.ASYNC:

        async def perform(self, job: NoopJob) -> None:
            await do(job.number)

    else:

        def perform(self, job: NoopJob) -> None:
            do_sync(job.number)
"""


class Jobgen(PythonClient):
    """This project, jobgen."""

    name = "jobgen"
    distribution = "jobgen-runtime"
    folder = "bare"
    table_per_kind = True
    insert_sql: str | None = "INSERT INTO noop_jobs (number) VALUES (1)"
    settings = (
        f"max_concurrency {_CONCURRENCY}, otherwise as generated; bulk by insert_many;"
        " two processes by --processes 2"
    )

    def refuses(self, handler: Handler) -> str | None:  # noqa: ARG002 -- it runs all kinds
        """Return why the system cannot run such jobs, or None."""
        return None

    def install(self, url: str, kinds: int) -> None:
        """Create the schema in an empty database."""
        _run(_tool("jobgen"), "migrate", "--yes", cwd=application(kinds), DATABASE_URL=url)

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        """Return the commands whose processes together are one worker."""
        command = [
            "/usr/bin/env",
            f"DATABASE_URL={options.url}",
            f"BENCH_CONCURRENCY={options.concurrency or _CONCURRENCY}",
            _tool("run-jobs"),
            "--root",
            str(application(options.kinds)),
        ]
        if options.processes > 1:
            command += ["--processes", str(options.processes)]
        return [command]

    def client_command(self, options: ClientOptions) -> list[str]:
        """Return the command of a client process."""
        return [
            "/usr/bin/env",
            f"{_APPLICATION}={application(1)}",
            *super().client_command(options),
        ]

    @asynccontextmanager
    async def enqueuer(self, url: str) -> AsyncIterator[Enqueuer]:
        """Connect a client."""
        sys.path.insert(0, os.environ[_APPLICATION])
        record = importlib.import_module("Generated.Types").NoopJob
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            yield _Creates(record, conn)


class _Creates:
    def __init__(self, record: Any, conn: psycopg.AsyncConnection[Any]) -> None:
        # Any: the class is generated while the benchmark runs.
        self._record = record
        self._conn = conn

    async def one(self, number: int) -> None:
        await self._record.create(self._conn, number=number)

    async def many(self, numbers: Sequence[int]) -> None:
        await self._record.insert_many([{"number": number} for number in numbers], conn=self._conn)


@functools.cache
def application(kinds: int) -> Path:
    """Create an application with that many kinds of job; it is deleted when this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="jobgen-bench-")
    atexit.register(folder.cleanup)
    _run(_tool("jobgen"), "new", "bench", cwd=Path(folder.name))
    project = Path(folder.name, "bench")
    # In one process, because 500 of them would take minutes.
    names = ["Noop number:int", *(f"Other{kind}" for kind in range(1, kinds))]
    script = (
        "from jobgen.cli.main import cli\n"
        f"for name in {names!r}:\n"
        "    cli.main(['job', *name.split(), '--yes'], standalone_mode=False)\n"
    )
    _run(sys.executable, "-c", script, cwd=project)
    (project / "Web/Job/Noop.py").write_text(_MODULE)
    return project


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _run(*command: str, cwd: Path, **environment: str) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


SYSTEM = Jobgen()
