"""Measure how long a job waits, from the return of its commit to the start of its function."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.queues.clients import enqueue
from benchmarks.queues.system import ClientOptions, Connection, System, WorkerOptions
from benchmarks.queues.workers import Failure
from benchmarks.queues.workload import Bench, Figure, Figures, Workload

P50 = Figure("p50", "p50, ms", 2)
P95 = Figure("p95", "p95, ms", 2)
P99 = Figure("p99", "p99, ms", 2)
_CLIENT_CPU = Figure("client_cpu", "worker CPU, % of a core", 1)
_SERVER_CPU = Figure("server_cpu", "server CPU, % of a core", 1)
_BEHIND = Figure("behind", "not started 5 s after the end, %", 1)

_LAST_START_SECONDS = 5.0
_FIRST = 1
"""The first job to measure. Job 0 exists before the worker starts, and shows that it runs."""


@dataclass(frozen=True)
class PickUp(Workload):
    """Enqueue jobs one by one for a worker that has no other jobs.

    `rate` is the number of jobs per second, for the scale's time. `None`: so slowly that the
    worker is idle before each job, and as many jobs as the scale says.
    """

    rate: int | None = None
    connections: int = 1

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure the waits of one system; see `Workload.measure`."""
        jobs = int(self.rate * bench.scale.seconds) if self.rate else bench.scale.latencies
        interval = self.connections / self.rate if self.rate else 0.025

        def fill(conn: Connection) -> None:
            system.fill(conn, _FIRST)

        with (
            bench.database(system, "1 job", fill) as url,
            bench.worker(system, WorkerOptions(url), slots=jobs + _FIRST) as running,
        ):
            running.settle()
            client_cpu, server_cpu = running.cpu_seconds(), bench.server.cpu_seconds()
            options = ClientOptions(
                url, _FIRST, jobs, connections=self.connections, interval=interval
            )
            enqueued = enqueue(system, options)
            client_cpu = running.cpu_seconds() - client_cpu
            server_cpu = bench.server.cpu_seconds() - server_cpu
            running.wait(lambda: running.starts.count() >= jobs + _FIRST, _LAST_START_SECONDS)
            started = running.starts.times()
        waits = [
            (started[number] - at) * 1000
            for number, at in enqueued.commits.items()
            if number in started
        ]
        if len(waits) < 2:
            raise Failure(f"{system.name} started {len(waits)} of {jobs} jobs")
        return {
            **percentiles(waits),
            _CLIENT_CPU.key: client_cpu / enqueued.seconds * 100,
            _SERVER_CPU.key: server_cpu / enqueued.seconds * 100,
            _BEHIND.key: (jobs - len(waits)) / jobs * 100,
        }


def percentiles(values: Sequence[float]) -> Figures:
    """Return the median, the 95th and the 99th percentile."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {P50.key: cuts[49], P95.key: cuts[94], P99.key: cuts[98]}


WORKLOADS: tuple[Workload, ...] = (
    PickUp("pickup", "Pick-up by an idle worker", (P50, P95, P99)),
    PickUp(
        "steady",
        "Steady load of 500 jobs per second",
        (P50, P95, P99, _CLIENT_CPU, _SERVER_CPU, _BEHIND),
        rate=500,
        connections=4,
    ),
)
