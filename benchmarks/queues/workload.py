"""A workload: what every system has to do, and the figures that this yields."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.queues.handlers import NO_OP, Handler
from benchmarks.queues.server import Server, connect
from benchmarks.queues.system import Connection, System, WorkerOptions
from benchmarks.queues.workers import Failure, Worker, worker

Figures = dict[str, float]
"""The figures of a measurement by their keys."""
Result = Figures | str
"""The figures, or the reason why there are none."""

STARTUP_SECONDS = 60.0
"""How long a worker may take to start its first job."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of a workload's table."""

    key: str
    heading: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of the workloads. Each measurement ends after `seconds` at the latest."""

    jobs: int = 200_000
    rows: int = 1_000_000
    seconds: float = 6.0
    latencies: int = 300
    idle_seconds: float = 120.0


QUICK = Scale(jobs=3_000, rows=20_000, seconds=2.0, latencies=40, idle_seconds=5.0)


class NotApplicable(Exception):
    """A system does not have what this workload measures; the message says why."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement needs: the server, and the scale."""

    server: Server
    scale: Scale

    @contextmanager
    def database(
        self,
        system: System,
        filled: str,
        fill: Callable[[Connection], None],
        kinds: int = 1,
    ) -> Iterator[str]:
        """Yield the address of a database with the system's schema and what `fill` inserts.

        `filled` names that content. It is created once per name, system and number of kinds, and
        copied for each measurement.
        """

        def prepare(url: str) -> None:
            system.install(url, kinds)
            with connect(url) as conn:
                fill(conn)

        with self.server.database(f"{system.name}, {kinds} kinds: {filled}", prepare) as url:
            yield url

    @contextmanager
    def worker(
        self,
        system: System,
        options: WorkerOptions,
        handler: Handler = NO_OP,
        slots: int = 0,
    ) -> Iterator[Worker]:
        """Yield a worker once it has started a job. The database must have a job for it.

        Raises:
            Failure: The worker did not start a job in time, or ended.
        """
        with worker(system, options, handler, slots) as running:
            if not running.wait(lambda: running.starts.count() > 0, STARTUP_SECONDS):
                raise Failure(
                    f"The worker of {system.name} started no job in {STARTUP_SECONDS:.0f} s"
                )
            yield running


@dataclass(frozen=True)
class Workload(ABC):
    """One table of the report. `references` are systems that are measured in this workload only.

    Adjacent workloads with the same `group` share their repetitions, because goals compare them.
    """

    name: str
    title: str
    figures: tuple[Figure, ...]
    references: tuple[str, ...] = field(default=(), kw_only=True)
    group: str | None = field(default=None, kw_only=True)

    def heading(self, scale: Scale) -> str:
        """Return the title, with the numbers of the scale filled in."""
        return self.title.format(rows=scale.rows)

    @abstractmethod
    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure one system once.

        Raises:
            NotApplicable: The system does not have what this workload measures.
            Failure: The system did not do what was asked.
        """

    def round(self, bench: Bench, systems: Sequence[System]) -> Iterator[tuple[System, Result]]:
        """Measure every system once, one after the other."""
        for system in systems:
            yield system, self._result(bench, system)

    def _result(self, bench: Bench, system: System) -> Result:
        try:
            return self.measure(bench, system)
        except NotApplicable as reason:
            return str(reason)
        except Failure as failure:
            return failed(failure)


def failed(failure: Failure) -> str:
    """Print a failure and return its first line as a result for the table."""
    print(failure, file=sys.stderr)
    return f"failed: {str(failure).splitlines()[0]}"
