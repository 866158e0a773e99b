"""Drain a backlog: the rate, and what a job costs the client and the server."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from benchmarks.queues.handlers import NO_OP, Handler, Style, Work
from benchmarks.queues.machine import busy_seconds, cores
from benchmarks.queues.server import connect
from benchmarks.queues.system import Connection, System, WorkerOptions
from benchmarks.queues.workers import Failure, Worker, worker
from benchmarks.queues.workload import (
    STARTUP_SECONDS,
    Bench,
    Figure,
    Figures,
    NotApplicable,
    Workload,
)

RATE = Figure("rate", "jobs/s")
CLIENT_CPU = Figure("client_cpu", "client CPU, µs per job")
SERVER_CPU = Figure("server_cpu", "server CPU, µs per job")
WAL = Figure("wal", "WAL, bytes per job")
MEMORY = Figure("memory", "client memory, MB")
OTHERS = "others"
"""The share of the machine's CPU, in percent, that other processes used meanwhile."""


@dataclass(frozen=True)
class Drain(Workload):
    """A worker drains `jobs` jobs (None: the scale's number) that run `handler`.

    The clock starts once every process has started a job. It stops when all jobs are finished in
    the database, or when the time is up; then the rate is that of the jobs started.
    """

    handler: Handler = NO_OP
    concurrency: int | None = None
    processes: int = 1
    jobs: int | None = None
    million: bool = False
    finished: bool = False
    old_snapshot: bool = False

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure one drain; see `Workload.measure`."""
        if reason := system.refuses(self.handler):
            raise NotApplicable(reason)
        if self.finished and not system.keeps_finished:
            raise NotApplicable("deletes finished jobs")
        rows = bench.scale.rows
        jobs = self.jobs or (rows if self.million else bench.scale.jobs)

        def fill(conn: Connection) -> None:
            if self.finished:
                system.fill_finished(conn, rows)
            system.fill(conn, jobs)

        filled = f"{jobs} jobs and {rows if self.finished else 0} finished"
        with bench.database(system, filled, fill) as url:
            options = WorkerOptions(
                url,
                style=self.handler.style,
                concurrency=self.concurrency,
                processes=self.processes,
            )
            with (
                connect(url) as conn,
                old_snapshot(url) if self.old_snapshot else nullcontext(),
                worker(system, options, self.handler, slots=jobs) as running,
            ):
                return self._watch(bench, system, conn, running, jobs)

    def _watch(
        self, bench: Bench, system: System, conn: Connection, running: Worker, jobs: int
    ) -> Figures:
        starts = running.starts

        def begun() -> bool:
            return starts.processes() >= self.processes or starts.count() >= jobs

        def drained() -> bool:
            return starts.count() >= jobs and system.unfinished(conn) == 0

        if not running.wait(begun, STARTUP_SECONDS):
            raise Failure(f"{system.name} did not start a job in each process")
        begin = _read(bench, running)
        if self.processes > 1 and begin.started >= jobs:
            raise NotApplicable("drained before each process had started a job: use more --jobs")
        all_done = running.wait(drained, bench.scale.seconds)
        end = _read(bench, running)
        memory = running.peak_memory()
        if self.handler.style is Style.PROCESSES and starts.processes() < 2:
            raise Failure(f"{system.name} ran all jobs in one process")
        if repeated := starts.repeated():
            raise Failure(f"{system.name} ran {repeated} jobs twice")
        if all_done and self.processes == 1:
            rate = jobs / (end.at - min(starts.times().values()))
        else:
            rate = _ratio(end.started - begin.started, end.at - begin.at)
        measured = end.started - begin.started
        return {
            RATE.key: rate,
            CLIENT_CPU.key: _ratio((end.client_cpu - begin.client_cpu) * 1e6, measured),
            SERVER_CPU.key: _ratio((end.server_cpu - begin.server_cpu) * 1e6, measured),
            WAL.key: _ratio(end.wal - begin.wal, measured),
            MEMORY.key: memory,
            OTHERS: end.share_of_others(begin) * 100,
        }


@dataclass(frozen=True, slots=True)
class _Reading:
    at: float
    started: int
    client_cpu: float
    server_cpu: float
    machine_cpu: float
    wal: int

    def share_of_others(self, before: _Reading) -> float:
        """Return the share of the CPU time since `before` that other processes used."""
        used = self.machine_cpu - before.machine_cpu
        ours = self.client_cpu - before.client_cpu + self.server_cpu - before.server_cpu
        # The kernel counts CPU time in ticks, and the readings are not of one moment.
        return min(1.0, max(0.0, _ratio(used - ours, (self.at - before.at) * cores())))


def _read(bench: Bench, running: Worker) -> _Reading:
    return _Reading(
        at=time.monotonic(),
        started=running.starts.count(),
        client_cpu=running.cpu_seconds(),
        server_cpu=bench.server.cpu_seconds(),
        machine_cpu=busy_seconds(),
        wal=bench.server.wal_bytes(),
    )


def _ratio(value: float, by: float) -> float:
    return value / by if by else math.nan


@contextmanager
def old_snapshot(url: str) -> Iterator[None]:
    """Hold a snapshot open in another session, so that no newer dead row can be removed."""
    with connect(url) as conn:
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        conn.execute("SELECT txid_current_snapshot()")
        yield


_COSTS = (RATE, CLIENT_CPU, SERVER_CPU, WAL, MEMORY)
_THREADS = Style.THREADS
_PROCESSES = Style.PROCESSES

WORKLOADS: tuple[Workload, ...] = (
    Drain("drain", "Drain of no-op jobs", _COSTS, group="drain"),
    Drain("finished", "Drain with {rows:,} finished jobs", _COSTS, finished=True, group="drain"),
    Drain("snapshot", "Drain under an old snapshot", _COSTS, old_snapshot=True, group="drain"),
    Drain("backlog", "Drain of a backlog of {rows:,}", _COSTS, million=True),
    Drain("backlog-small", "Drain of a backlog of 1,000", (MEMORY,), jobs=1_000),
    Drain(
        "sleep-1ms",
        "Async jobs that sleep 1 ms, 100 at once",
        (RATE, CLIENT_CPU),
        handler=Handler(work=Work.SLEEP, seconds=0.001),
        concurrency=100,
    ),
    Drain(
        "sleep-50ms",
        "Async jobs that sleep 50 ms, 100 at once",
        (RATE, CLIENT_CPU),
        handler=Handler(work=Work.SLEEP, seconds=0.05),
        concurrency=100,
    ),
    Drain(
        "threads",
        "Synchronous no-op functions in 16 threads",
        (RATE, CLIENT_CPU),
        handler=Handler(_THREADS),
        concurrency=16,
    ),
    Drain(
        "threads-sleep-1ms",
        "Synchronous functions that sleep 1 ms in 16 threads",
        (RATE, CLIENT_CPU),
        handler=Handler(_THREADS, Work.SLEEP, 0.001),
        concurrency=16,
    ),
    Drain(
        "threads-sleep-50ms",
        "Synchronous functions that sleep 50 ms in 16 threads",
        (RATE, CLIENT_CPU),
        handler=Handler(_THREADS, Work.SLEEP, 0.05),
        concurrency=16,
    ),
    Drain(
        "threads-burn-1ms",
        "Synchronous functions that burn 1 ms of CPU in 16 threads",
        (RATE, CLIENT_CPU),
        handler=Handler(_THREADS, Work.BURN, 0.001),
        concurrency=16,
    ),
    Drain(
        "processes-burn-1ms",
        "Synchronous functions that burn 1 ms of CPU in 2 processes",
        (RATE, CLIENT_CPU),
        handler=Handler(_PROCESSES, Work.BURN, 0.001),
        concurrency=2,
    ),
    Drain("two-processes", "Drain of no-op jobs by 2 processes", _COSTS, processes=2),
)
