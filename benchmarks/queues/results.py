"""Keep the measurements of a run: a value of each figure for each repetition."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.queues.workload import Result


@dataclass
class Cell:
    """A system's measurements in one workload."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    reason: str | None = None
    """Why figures are missing."""

    def add(self, result: Result) -> None:
        """Add the result of one repetition."""
        if isinstance(result, str):
            self.reason = result
        else:
            for key, value in result.items():
                self.values[key].append(value)

    def median(self, key: str) -> float | None:
        """Return the median of a figure, or None if it was not measured."""
        measured = self.measured(key)
        return statistics.median(measured) if measured else None

    def measured(self, key: str) -> list[float]:
        """Return the values of a figure, without NaN."""
        return [value for value in self.values.get(key, ()) if not math.isnan(value)]


class Results:
    """All measurements of a run, by workload and system."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], Cell] = defaultdict(Cell)

    def cell(self, workload: str, system: str) -> Cell:
        """Return the measurements of a system in a workload."""
        return self._cells[workload, system]

    def values(self, workload: str, system: str, key: str) -> list[float]:
        """Return the values of one figure, one per repetition."""
        return self.cell(workload, system).measured(key)

    def median(self, workload: str, system: str, key: str) -> float | None:
        """Return the median of one figure, or None if it was not measured."""
        values = self.values(workload, system, key)
        return statistics.median(values) if values else None

    def all_measured(self, key: str) -> list[float]:
        """Return the values of a figure in all workloads of all systems."""
        return [value for cell in self._cells.values() for value in cell.measured(key)]

    def failed(self) -> bool:
        """Return whether a system failed in any workload."""
        return any((cell.reason or "").startswith("failed") for cell in self._cells.values())
