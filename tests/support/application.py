"""A small application on disk with one job, and the commands that run in it."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.process import BIN, Process

JOB_HEAD = """
import asyncio, os, signal, sys, time
from datetime import timedelta
from Generated.Types import ProbeJob
from jobgen_runtime import ConstantBackoff, ExponentialBackoff, Job


class Probe(Job[ProbeJob]):
    backoff = ConstantBackoff(timedelta(0))
"""

WAIT_FOR_GO = """
async def perform(self, job):
    if job.what == "wait":
        print("waiting", flush=True)
        while not os.path.exists("go"):
            await asyncio.sleep(0.01)
    print("ran", job.id, flush=True)
"""
"""A `perform` that returns at once, or with `what` = 'wait' when the file `go` exists."""

SHORT_LEASE = ("--heartbeat", "0.5")
"""Options of workers whose jobs others take over three seconds after their death.

For the tests that need it only: such a worker cancels all its jobs after 1.5 seconds without an
answer of the database, or of the machine.
"""


def branches(bodies: Mapping[str, str]) -> str:
    """Return statements of a `perform` that run the body which the job's `what` names.

    One worker can then run every case of a test.
    """
    return "".join(
        f"if job.what == {name!r}:\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
        for name, body in bodies.items()
    )


class Application:
    """A project on disk with one job, Probe, and the commands in it."""

    def __init__(self, root: Path, url: str, started: list[Process]) -> None:
        self.root = root
        self.env = {**os.environ, "DATABASE_URL": url, "NO_COLOR": "1"}
        self._started = started

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project and return its path."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def write_job(self, body: str, *, options: str = "") -> None:
        """Write Probe with that `perform` (a whole function) and those options."""
        text = JOB_HEAD + textwrap.indent(textwrap.dedent(options) + textwrap.dedent(body), "    ")
        self.write("Web/Job/Probe.py", text)

    def start(self, *command: str, cwd: Path | None = None) -> Process:
        """Start a command of the virtual environment in the project."""
        process = Process([str(BIN / command[0]), *command[1:]], cwd or self.root, self.env)
        self._started.append(process)
        return process

    def run_jobs(self, *options: str) -> Process:
        """Start a worker and wait until it is ready.

        Unless `options` say otherwise, it polls never, so that a missed notification fails a test,
        and its heartbeats are those of production, so that it keeps its lease on a busy machine.
        """
        process = self.start("run-jobs", "--poll", "3600", *options)
        process.wait_for_start("ready")
        return process


@contextmanager
def application(root: Path, url: str) -> Iterator[Application]:
    """Write the project in `root`, and at the end kill the processes that it started."""
    started: list[Process] = []
    made = Application(root, url, started)
    made.write("pyproject.toml", "[tool.jobgen]\n")
    made.write("WorkerMain.py", "from Web.Job.Probe import Probe\n\nworkers = [Probe]\n")
    (root / "Generated").mkdir()
    shutil.copy(Path(__file__).with_name("shop_types.py"), root / "Generated/Types.py")
    made.write_job("async def perform(self, job):\n    print('ran', job.id)\n")
    try:
        yield made
    finally:
        for process in started:
            process.close()
