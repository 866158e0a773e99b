"""What worker processes have counted, as plain numbers that can be added and sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from jobgen_runtime.worker.meter import BUCKETS, LaneMeter


@dataclass(slots=True)
class Histogram:
    """Durations in seconds: how many are in each bucket alone, and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, other: Histogram) -> None:
        """Add the durations of another one."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.seconds += other.seconds


@dataclass(slots=True)
class KindCounts:
    """What was counted of one kind of job since the start."""

    claimed: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    wait: Histogram = field(default_factory=Histogram)
    run: Histogram = field(default_factory=Histogram)
    slots: int = 0
    busy: int = 0

    @classmethod
    def of(cls, meter: LaneMeter, *, slots: int, busy: int) -> Self:
        """Copy what a lane has counted. Called in any thread."""
        meter.settle()
        return cls(
            meter.claimed,
            {"succeeded": meter.succeeded, **meter.outcomes},
            Histogram(list(meter.wait.counts), meter.wait.seconds),
            Histogram(list(meter.run.counts), meter.run.seconds),
            slots,
            busy,
        )

    def add(self, other: KindCounts, *, has_ended: bool) -> None:
        """Add the counts of another process; one that has ended has no slots."""
        self.claimed += other.claimed
        for outcome, number in other.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + number
        self.wait.add(other.wait)
        self.run.add(other.run)
        if not has_ended:
            self.slots += other.slots
            self.busy += other.busy


@dataclass(slots=True)
class Counts:
    """What one process has counted, or several of them together, by the name of the kind."""

    kinds: dict[str, KindCounts] = field(default_factory=dict)
    database_errors: dict[str, int] = field(default_factory=dict)
    """Statements that failed, by the connection: claim, complete."""

    @classmethod
    def total(cls, running: Iterable[Counts], ended: Iterable[Counts] = ()) -> Self:
        """Add the counts of processes; of those that have ended, only what grows."""
        kinds: dict[str, KindCounts] = defaultdict(KindCounts)
        errors: dict[str, int] = defaultdict(int)
        for has_ended, processes in ((False, running), (True, ended)):
            for process in processes:
                for name, kind in process.kinds.items():
                    kinds[name].add(kind, has_ended=has_ended)
                for connection, number in process.database_errors.items():
                    errors[connection] += number
        return cls(dict(kinds), dict(errors))

    @classmethod
    def of_message(cls, message: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` has made of counts."""
        return cls(
            {
                name: KindCounts(
                    kind["claimed"],
                    dict(kind["outcomes"]),
                    Histogram(**kind["wait"]),
                    Histogram(**kind["run"]),
                    kind["slots"],
                    kind["busy"],
                )
                for name, kind in message["kinds"].items()
            },
            dict(message["database_errors"]),
        )
