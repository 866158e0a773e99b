"""What is asked of jobgen, and whether this run shows it: ratios within the run, never times."""

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
    """A goal: what is measured, what is asked (`least` or else at most), and what was reached."""

    what: str
    bound: float
    reach: Callable[[Results], Value]
    least: bool = True
    strict: bool = False

    def verdict(self, reached: Value) -> str:
        """Whether it is met."""
        if reached is None:
            return "not measured"
        if self.strict:
            met = reached > self.bound if self.least else reached < self.bound
        else:
            met = reached >= self.bound if self.least else reached <= self.bound
        return "met" if met else "missed"

    def asked(self) -> str:
        """The bound in words."""
        if self.strict:
            return f"{'above' if self.least else 'below'} {self.bound:g}"
        return f"at {'least' if self.least else 'most'} {self.bound:g}"


def _ratio(values: Sequence[float], others: Sequence[float]) -> Value:
    """The median over the repetitions, each by itself: what slows down one slows down both."""
    if not values or not all(others):
        return None
    if len(values) == len(others):
        return statistics.median(map(truediv, values, others))
    return statistics.median(values) / statistics.median(others) if others else None


def _beside(workload: str, key: str, peer: str) -> Callable[[Results], Value]:
    """Ours as a multiple of a peer's in the same workload."""
    return lambda results: _ratio(
        results.values(workload, OURS, key), results.values(workload, peer, key)
    )


def _beside_best(
    workload: str, key: str, peers: Iterable[str], best: Callable[[Iterable[float]], float]
) -> Callable[[Results], Value]:
    """Ours as a multiple of the best peer's."""

    def reach(results: Results) -> Value:
        theirs = [values for peer in peers if (values := results.values(workload, peer, key))]
        if not theirs:
            return None
        first = best(map(statistics.median, theirs))
        [chosen, *_] = [values for values in theirs if statistics.median(values) == first]
        return _ratio(results.values(workload, OURS, key), chosen)

    return reach


def _between(workload: str, other: str, key: str) -> Callable[[Results], Value]:
    """Ours in one workload as a multiple of ours in another."""
    return lambda results: _ratio(
        results.values(workload, OURS, key), results.values(other, OURS, key)
    )


_IDLE = statements(50).key

GOALS = (
    Goal("drain: times PgQueuer", 3, _beside("drain", RATE.key, "pgqueuer")),
    Goal(
        "drain: times graphile-worker",
        1,
        _beside("drain", RATE.key, "graphile-worker"),
        strict=True,
    ),
    Goal("drain: times pg-boss", 1, _beside("drain", RATE.key, "pg-boss"), strict=True),
    Goal("drain: of the bare loop", 0.6, _beside("drain", RATE.key, "bare")),
    Goal(
        "beside 1,000,000 finished jobs: of the empty table",
        0.9,
        _between("finished", "drain", RATE.key),
    ),
    Goal(
        "under an old snapshot: of the same without", 0.7, _between("snapshot", "drain", RATE.key)
    ),
    Goal(
        "pick-up p50: times the best peer's",
        1,
        _beside_best("pickup", P50.key, _PEERS, min),
        least=False,
        strict=True,
    ),
    Goal("pick-up p99: times the bare loop's", 2, _beside("pickup", P99.key, "bare"), least=False),
    Goal(
        "32 clients, workers busy: of the table without triggers",
        0.8,
        _beside("enqueue-busy", CLIENTS.key, _REFERENCE),
    ),
    Goal(
        "32 clients by plain SQL, workers busy: of the table without triggers",
        0.8,
        _beside("enqueue-sql-busy", SQL.key, _REFERENCE),
    ),
    Goal(
        "plain functions in threads: times procrastinate",
        3,
        _beside("threads", RATE.key, "procrastinate"),
    ),
    Goal("bulk enqueue: of bare COPY", 0.8, _beside("enqueue-bulk", BULK.key, "bare")),
    Goal(
        "memory at a backlog of 1,000,000: times that at 1,000",
        1.1,
        _between("backlog", "backlog-small", MEMORY.key),
        least=False,
    ),
    Goal(
        "two workers finish apart, % of the whole",
        10,
        lambda results: results.median("two-workers", OURS, APART.key),
        least=False,
    ),
    Goal(
        "four workers finish apart, % of the whole",
        10,
        lambda results: results.median("four-workers", OURS, APART.key),
        least=False,
    ),
    Goal(
        "idle, 50 kinds of job: statements a minute",
        10,
        lambda results: results.median("idle", OURS, _IDLE),
        least=False,
    ),
)
