"""Several workers on one backlog: no one hoards jobs that another could run."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.queues.handlers import Handler, Work
from benchmarks.queues.system import Connection, System, WorkerOptions
from benchmarks.queues.workers import Failure, worker
from benchmarks.queues.workload import (
    STARTUP,
    Bench,
    Figure,
    Figures,
    NotApplicable,
    Workload,
)

APART = Figure("apart", "the workers finish apart, % of the whole", 1)
_SECONDS = Figure("seconds", "all finished after, s", 2)

_JOB = Handler(work=Work.SLEEP, seconds=0.05)
_CONCURRENCY = 16


@dataclass(frozen=True)
class Fairness(Workload):
    """As many jobs of 50 ms as `workers` run in half the scale's time."""

    workers: int = 2

    def measure(self, bench: Bench, system: System) -> Figures:
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

            if not running[0].wait(lambda: started() >= jobs, STARTUP + 4 * bench.scale.seconds):
                raise Failure(f"{system.name} started {started()} of {jobs} jobs")
            times = [each.starts.times().values() for each in running]
        if not all(times):
            raise Failure(f"a worker of {system.name} ran no job")
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
