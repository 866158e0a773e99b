"""A workload: what is asked of every system alike, and the figures that it gives."""

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
"""A measurement's figures, by their keys."""
Result = Figures | str
"""The figures, or why there are none."""

STARTUP = 60.0
"""Seconds within which a worker must have started its first job."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of a workload's table."""

    key: str
    heading: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the workloads are: each measurement ends after `seconds` if not before."""

    jobs: int = 200_000
    rows: int = 1_000_000
    seconds: float = 6.0
    latencies: int = 300
    idle_seconds: float = 120.0


QUICK = Scale(jobs=3_000, rows=20_000, seconds=2.0, latencies=40, idle_seconds=5.0)


class NotApplicable(Exception):
    """A system has nothing that this workload could measure; the message says why."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement needs: the server, and how large it is to be."""

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
        """A database with the system's schema, and in it what `fill` puts there.

        `filled` names that; it is made once for each name, system and number of kinds.
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
        """A worker, as soon as it has started a job, of which there must be one."""
        with worker(system, options, handler, slots) as running:
            if not running.wait(lambda: running.starts.count() > 0, STARTUP):
                raise Failure(f"the worker of {system.name} started no job in {STARTUP:.0f} s")
            yield running


@dataclass(frozen=True)
class Workload(ABC):
    """One table of the report; `references` are systems that are measured in it only.

    Neighbours with the same `group` are measured in the same repetitions, as goals compare them.
    """

    name: str
    title: str
    figures: tuple[Figure, ...]
    references: tuple[str, ...] = field(default=(), kw_only=True)
    group: str | None = field(default=None, kw_only=True)

    def heading(self, scale: Scale) -> str:
        """The title, with what the scale makes of it."""
        return self.title.format(rows=scale.rows)

    @abstractmethod
    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure one system once.

        Raises:
            NotApplicable: it has nothing to measure here.
            Failure: it did not do what was asked.
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
    """A failure as a result: the whole is for the one who watches, its first line for the table."""
    print(failure, file=sys.stderr)
    return f"failed: {str(failure).splitlines()[0]}"
