"""Measure what an idle worker costs."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.queues.server import Server, server
from benchmarks.queues.system import System, WorkerOptions
from benchmarks.queues.workers import Failure, Worker
from benchmarks.queues.workload import Bench, Figure, Figures, Result, Workload, failed

CPU = Figure("cpu", "worker CPU, ms per minute")
_COUNTING = ("shared_preload_libraries=pg_stat_statements",)
_SETTLE_SECONDS = 10.0


def statements(kinds: int) -> Figure:
    """Return the column for a worker with that many kinds of job."""
    noun = "kind" if kinds == 1 else "kinds"
    return Figure(f"statements_{kinds}", f"statements per minute, {kinds} {noun} of job", 1)


@dataclass(frozen=True, slots=True)
class _Idler:
    system: System
    kinds: int
    url: str
    worker: Worker

    def read(self, counting: Server) -> tuple[float, float]:
        """Return the number of statements and the CPU seconds so far."""
        self.worker.check()
        return counting.statements(self.url), self.worker.cpu_seconds()


@dataclass(frozen=True)
class Idle(Workload):
    """Let all workers idle at once, each in its own database of a server that counts statements.

    BEGIN, COMMIT and ROLLBACK are not counted. A system with one table for all kinds of job is
    measured with one kind.
    """

    kinds: tuple[int, ...] = (1, 50, 500)

    def measure(self, bench: Bench, system: System) -> Figures:
        """Measure one system alone; see `Workload.measure`."""
        [(_, result)] = self.round(bench, [system])
        if isinstance(result, str):
            raise Failure(result)
        return result

    def round(self, bench: Bench, systems: Sequence[System]) -> Iterator[tuple[System, Result]]:
        """Measure all systems at the same time."""
        with server(*_COUNTING) as counting, ExitStack() as stack:
            counting.enable_statements()
            idling = Bench(counting, bench.scale)
            idlers: list[_Idler] = []
            failures: dict[str, str] = {}
            for system in systems:
                for kinds in self.kinds if system.table_per_kind else (1,):
                    try:
                        idlers.append(stack.enter_context(_idler(idling, system, kinds)))
                    except Failure as failure:
                        failures[system.name] = failed(failure)
            time.sleep(min(_SETTLE_SECONDS, bench.scale.idle_seconds))
            begin = time.monotonic()
            before = [idler.read(counting) for idler in idlers]
            time.sleep(bench.scale.idle_seconds)
            after = [idler.read(counting) for idler in idlers]
            minutes = (time.monotonic() - begin) / 60
        for system in systems:
            figures = {statements(kinds).key: math.nan for kinds in self.kinds}
            for idler, first, last in zip(idlers, before, after, strict=True):
                if idler.system is system:
                    figures[statements(idler.kinds).key] = (last[0] - first[0]) / minutes
                    if idler.kinds == 1:
                        figures[CPU.key] = (last[1] - first[1]) * 1000 / minutes
            yield system, failures.get(system.name, figures)


@contextmanager
def _idler(bench: Bench, system: System, kinds: int) -> Iterator[_Idler]:
    with (
        bench.database(system, "1 job", lambda conn: system.fill(conn, 1), kinds=kinds) as url,
        bench.worker(system, WorkerOptions(url, kinds=kinds)) as worker,
    ):
        yield _Idler(system, kinds, url, worker)


_KINDS = (1, 50, 500)

WORKLOADS: tuple[Workload, ...] = (
    Idle("idle", "Idle workers", (*map(statements, _KINDS), CPU), kinds=_KINDS),
)
