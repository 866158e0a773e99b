"""Drain one backlog with several workers, none of which should hoard jobs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.queues.handlers import Handler, Work
from benchmarks.queues.system import Connection, System, WorkerOptions
from benchmarks.queues.workers import Failure, worker
from benchmarks.queues.workload import (
    STARTUP_SECONDS,
    Bench,
    Figure,
    Figures,
    NotApplicable,
    Workload,
)

APART = Figure("apart", "difference of finish times, % of the run", 1)
_SECONDS = Figure("seconds", "all finished after, s", 2)

_JOB = Handler(work=Work.SLEEP, seconds=0.05)
_CONCURRENCY = 16


@dataclass(frozen=True)
class Fairness(Workload):
    """Drain as many 50 ms jobs as `workers` can run in half of the scale's time."""

    workers: int = 2

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure how far apart the workers finish; see `Workload.measure`."""
        if reason := system.refuses(_JOB):
            raise NotApplicable(reason)
        each = _CONCURRENCY / _JOB.seconds * bench.scale.seconds / 2
        jobs = int(each * self.workers)

        def fill(conn: Connection) -> None:
            system.fill(conn, jobs)

        with bench.database(system, f"{jobs} jobs", fill) as url, ExitStack() as stack:
            options = WorkerOptions(url, concurrency=_CONCURRENCY)
            running = [
                stack.enter_context(worker(system, options, _JOB, slots=jobs))
                for _ in range(self.workers)
            ]

            def started() -> int:
                return sum(each.starts.count() for each in running)

            if not running[0].wait(
                lambda: started() >= jobs, STARTUP_SECONDS + 4 * bench.scale.seconds
            ):
                raise Failure(f"{system.name} started {started()} of {jobs} jobs")
            times = [each.starts.times().values() for each in running]
        if not all(times):
            raise Failure(f"A worker of {system.name} ran no job")
        first = min(min(starts) for starts in times)
        ends = [max(starts) + _JOB.seconds for starts in times]
        whole = max(ends) - first
        return {
            APART.key: (max(ends) - min(ends)) / whole * 100,
            _SECONDS.key: whole,
        }


WORKLOADS: tuple[Workload, ...] = (
    Fairness("two-workers", "Two workers on one backlog of 50 ms jobs", (APART, _SECONDS)),
    Fairness(
        "four-workers",
        "Four workers on one backlog of 50 ms jobs",
        (APART, _SECONDS),
        workers=4,
    ),
)
