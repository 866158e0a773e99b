"""The goals of jobgen, as ratios within one run, never as times."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import truediv

from benchmarks.queues.results import Results
from benchmarks.queues.systems import NAMES
from benchmarks.queues.workloads.drain import MEMORY, RATE
from benchmarks.queues.workloads.enqueue import BULK, CLIENTS, SQL
from benchmarks.queues.workloads.fairness import APART
from benchmarks.queues.workloads.idle import statements
from benchmarks.queues.workloads.pickup import P50, P99

OURS = "jobgen"
_REFERENCE = "jobgen-untriggered"
_PEERS = tuple(name for name in NAMES if name not in {OURS, "bare"})
_PYTHON_PEERS = ("procrastinate", "pgqueuer", "chancy", "oban")

Value = float | None
"""None: not measured in this run."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: the figure, its bound (a lower bound if `least`), and how to read what was reached.

    If `strict`, the bound itself does not meet the goal.
    """

    name: str
    bound: float
    reach: Callable[[Results], Value]
    least: bool = True
    strict: bool = False

    def verdict(self, reached: Value) -> str:
        """Return whether the goal is met: "met", "missed" or "not measured"."""
        if reached is None:
            return "not measured"
        if self.strict:
            met = reached > self.bound if self.least else reached < self.bound
        else:
            met = reached >= self.bound if self.least else reached <= self.bound
        return "met" if met else "missed"

    def target(self) -> str:
        """Return the bound in words."""
        if self.strict:
            return f"{'above' if self.least else 'below'} {self.bound:g}"
        return f"at {'least' if self.least else 'most'} {self.bound:g}"


def _ratio(values: Sequence[float], others: Sequence[float]) -> Value:
    """Return the median of the ratios within each repetition, where load affects both values."""
    if not values or not all(others):
        return None
    if len(values) == len(others):
        return statistics.median(map(truediv, values, others))
    return statistics.median(values) / statistics.median(others) if others else None


def _relative_to(workload: str, key: str, peer: str) -> Callable[[Results], Value]:
    """Compare jobgen with a peer in the same workload."""
    return lambda results: _ratio(
        results.values(workload, OURS, key), results.values(workload, peer, key)
    )


def _relative_to_best(
    workload: str, key: str, peers: Iterable[str], best: Callable[[Iterable[float]], float]
) -> Callable[[Results], Value]:
    """Compare jobgen with the best of its peers in the same workload."""

    def reach(results: Results) -> Value:
        theirs = [values for peer in peers if (values := results.values(workload, peer, key))]
        if not theirs:
            return None
        first = best(map(statistics.median, theirs))
        [chosen, *_] = [values for values in theirs if statistics.median(values) == first]
        return _ratio(results.values(workload, OURS, key), chosen)

    return reach


def _between(workload: str, other: str, key: str) -> Callable[[Results], Value]:
    """Compare jobgen in one workload with jobgen in another."""
    return lambda results: _ratio(
        results.values(workload, OURS, key), results.values(other, OURS, key)
    )


_IDLE = statements(50).key

GOALS = (
    Goal("drain, multiple of PgQueuer", 3, _relative_to("drain", RATE.key, "pgqueuer")),
    Goal(
        "drain, multiple of graphile-worker",
        1,
        _relative_to("drain", RATE.key, "graphile-worker"),
        strict=True,
    ),
    Goal("drain, multiple of pg-boss", 1, _relative_to("drain", RATE.key, "pg-boss"), strict=True),
    Goal("drain, share of the bare loop", 0.6, _relative_to("drain", RATE.key, "bare")),
    Goal(
        "with 1,000,000 finished jobs, share of the drain",
        0.9,
        _between("finished", "drain", RATE.key),
    ),
    Goal("under an old snapshot, share of the drain", 0.7, _between("snapshot", "drain", RATE.key)),
    Goal(
        "pick-up p50, multiple of the best peer",
        1,
        _relative_to_best("pickup", P50.key, _PEERS, min),
        least=False,
        strict=True,
    ),
    Goal(
        "pick-up p99, multiple of the bare loop",
        2,
        _relative_to("pickup", P99.key, "bare"),
        least=False,
    ),
    Goal(
        "32 clients, worker busy, share of the table without triggers",
        0.8,
        _relative_to("enqueue-busy", CLIENTS.key, _REFERENCE),
    ),
    Goal(
        "32 clients with plain SQL, worker busy, share of the table without triggers",
        0.8,
        _relative_to("enqueue-sql-busy", SQL.key, _REFERENCE),
    ),
    Goal(
        "no-op functions in threads, multiple of procrastinate",
        3,
        _relative_to("threads", RATE.key, "procrastinate"),
    ),
    Goal("bulk enqueue, share of bare COPY", 0.8, _relative_to("enqueue-bulk", BULK.key, "bare")),
    Goal(
        "memory at a backlog of 1,000,000, multiple of that at 1,000",
        1.1,
        _between("backlog", "backlog-small", MEMORY.key),
        least=False,
    ),
    Goal(
        "two workers: difference of their finish times, % of the run",
        10,
        lambda results: results.median("two-workers", OURS, APART.key),
        least=False,
    ),
    Goal(
        "four workers: difference of their finish times, % of the run",
        10,
        lambda results: results.median("four-workers", OURS, APART.key),
        least=False,
    ),
    Goal(
        "idle, 50 kinds of job: statements per minute",
        10,
        lambda results: results.median("idle", OURS, _IDLE),
        least=False,
    ),
)
