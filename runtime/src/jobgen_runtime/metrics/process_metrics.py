"""The metrics of one worker process, from before its jobs are loaded until its exit."""

from __future__ import annotations

from collections.abc import Callable

from jobgen_runtime.executor import hide_from_forks
from jobgen_runtime.metrics.counts import Counts, KindCounts
from jobgen_runtime.metrics.reading import FiguresReader, Reading
from jobgen_runtime.worker import Worker
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.meter import LaneMeter


class ProcessMetrics:
    """Count what a worker does, and read what the database says about its kinds."""

    def __init__(self) -> None:
        """Prepare the metrics of a process whose jobs are not loaded yet."""
        self.on_read: Callable[[Reading], object] | None = None
        """Receives each reading of the database, in a thread; None to tell none."""
        self._worker: Worker | None = None
        self._lanes: dict[str, tuple[Lane, LaneMeter]] = {}
        self._reader: FiguresReader | None = None

    def attach(self, worker: Worker, conninfo: str) -> None:
        """Measure a worker from now on.

        Args:
            worker: The worker, which has claimed nothing yet.
            conninfo: The result of `worker_conninfo`, for a connection of the metrics.
        """
        lanes = list(worker.lanes)
        names = [lane.name for lane in lanes]
        for lane in lanes:
            lane.meter = LaneMeter()
            # Two applications may have classes of the same name.
            name = lane.name if names.count(lane.name) == 1 else f"{lane.name} ({lane.table})"
            self._lanes[name] = (lane, lane.meter)
        tables = {name: lane.queue.table for name, (lane, _) in self._lanes.items()}
        self._reader = FiguresReader(conninfo, tables, self.on_read)
        hide_from_forks(self._reader)
        self._worker = worker

    def counts(self) -> Counts:
        """Return what was counted so far. Called in any thread."""
        worker = self._worker
        if worker is None:
            return Counts()
        return Counts(
            {
                name: KindCounts.of(meter, slots=lane.slots, busy=len(lane.claims.running))
                for name, (lane, meter) in self._lanes.items()
            },
            {
                "claim": worker.database_errors,
                "complete": worker.completer.database_errors,
            },
        )

    def read(self) -> Reading:
        """Return the figures of the database; wait for a moment if it is time to read them."""
        return Reading() if self._reader is None else self._reader.read()

    def request_reading(self) -> None:
        """Let `on_read` receive the figures, without waiting for them."""
        if self._reader is not None:
            self._reader.request()

    def stop(self, *, timeout: float) -> None:
        """Close the connection; abort a statement that takes longer than `timeout` seconds."""
        if self._reader is not None:
            self._reader.stop(timeout=timeout)
