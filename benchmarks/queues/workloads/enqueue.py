"""Enqueue as fast as possible while a worker is idle, or busy."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.queues.clients import enqueue
from benchmarks.queues.handlers import NO_OP, Handler, Work
from benchmarks.queues.system import ClientOptions, System, WorkerOptions
from benchmarks.queues.workers import Failure
from benchmarks.queues.workload import (
    Bench,
    Figure,
    Figures,
    NotApplicable,
    Workload,
)
from jobgen.postgres import project_binaries

ONE = Figure("one", "one at a time, jobs/s")
BULK = Figure("bulk", "1,000 at a time, jobs/s")
CLIENTS = Figure("clients", "32 clients, one at a time each, jobs/s")
SQL = Figure("sql", "plain INSERT from 32 clients, jobs/s")

_BUSY = Handler(work=Work.SLEEP, seconds=0.05)
_CONCURRENCY = 16
_CASES = (
    (ONE, ClientOptions(""), 1),
    (BULK, ClientOptions("", batch=1_000), 1),
    (CLIENTS, ClientOptions("", connections=32), 4),
)


@dataclass(frozen=True)
class Enqueue(Workload):
    """Enqueue at full speed while a worker runs.

    A busy worker has a backlog of 50 ms jobs that outlasts the measurement, so it never waits for
    jobs. An idle one waits when the measurement starts, and runs what arrives.
    """

    busy: bool = False

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure the rates of one system; see `Workload.measure`."""
        figures = {}
        for figure, options, processes in _CASES:
            with _with_worker(self.busy, bench, system) as (url, first):
                seconds = bench.scale.seconds / 3
                case = replace(options, url=url, first=first, seconds=seconds)
                figures[figure.key] = enqueue(system, case, processes).rate
        return figures


@dataclass(frozen=True)
class EnqueueAlone(Workload):
    """Enqueue in bulk while no worker runs, so that only enqueueing is measured."""

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure the rates of one system; see `Workload.measure`."""
        with bench.database(system, "no jobs", lambda _: None) as url:
            options = ClientOptions(url, batch=1_000, seconds=bench.scale.seconds / 3)
            return {BULK.key: enqueue(system, options).rate}


@dataclass(frozen=True)
class EnqueueBySql(Workload):
    """Enqueue with pgbench, whose clients cost so little that the server is measured."""

    busy: bool = True

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure the rates of one system; see `Workload.measure`."""
        if system.insert_sql is None:
            raise NotApplicable("can only be enqueued through its library")
        with (
            _with_worker(self.busy, bench, system) as (url, _),
            tempfile.NamedTemporaryFile("w", suffix=".sql") as script,
        ):
            script.write(system.insert_sql)
            script.flush()
            seconds = max(1, round(bench.scale.seconds / 3))
            command = [str(project_binaries(Path.cwd()).program("pgbench")), "--no-vacuum"]
            command += ["--protocol=prepared", "--client=32", "--jobs=2"]
            command += [f"--time={seconds}", f"--file={script.name}", url]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode or not found:
            raise Failure(f"pgbench failed:\n{done.stderr}")
        return {SQL.key: float(found[1])}


@contextmanager
def _with_worker(busy: bool, bench: Bench, system: System) -> Iterator[tuple[str, int]]:
    """Yield the database of a running worker, and the first job number that is free."""
    handler = _BUSY if busy else NO_OP
    if reason := system.refuses(handler):
        raise NotApplicable(reason)
    # Twice what it can run in the time, and at least one, which shows that the worker runs.
    jobs = int(2 * _CONCURRENCY / _BUSY.seconds * bench.scale.seconds) if busy else 1
    options = WorkerOptions("", concurrency=_CONCURRENCY if busy else None)
    with (
        bench.database(system, f"{jobs} jobs", lambda conn: system.fill(conn, jobs)) as url,
        bench.worker(system, replace(options, url=url), handler) as running,
    ):
        running.settle()
        yield url, jobs


_UNTRIGGERED = ("jobgen-untriggered",)

WORKLOADS: tuple[Workload, ...] = (
    EnqueueAlone("enqueue-bulk", "Enqueue in bulk, no worker", (BULK,)),
    Enqueue("enqueue-idle", "Enqueue, worker idle", (ONE, BULK, CLIENTS)),
    Enqueue(
        "enqueue-busy",
        "Enqueue, worker busy",
        (ONE, BULK, CLIENTS),
        busy=True,
        references=_UNTRIGGERED,
    ),
    EnqueueBySql("enqueue-sql-idle", "Enqueue with plain SQL, worker idle", (SQL,), busy=False),
    EnqueueBySql(
        "enqueue-sql-busy", "Enqueue with plain SQL, worker busy", (SQL,), references=_UNTRIGGERED
    ),
)
