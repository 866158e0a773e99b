"""Group failures by their cause. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.errors.cause import Cause
from jobgen_runtime.dashboard.errors.failures import Failure


@dataclass
class ErrorGroup:
    """The failures of a table with one cause."""

    table: JobTable
    cause: Cause
    failures: list[Failure]
    is_cut: bool
    """Whether the table has failures that were not read."""

    @property
    def count(self) -> int:
        """How many failures were read."""
        return len(self.failures)

    @cached_property
    def newest(self) -> Failure:
        """The last failure."""
        return max(self.failures, key=lambda each: _order(each.at))

    @cached_property
    def last_seen(self) -> Moment | None:
        """When the last one failed."""
        return _moment(
            max((each.at for each in self.failures if each.at is not None), default=None)
        )

    @cached_property
    def first_seen(self) -> Moment | None:
        """When the first one failed."""
        return _moment(
            min((each.at for each in self.failures if each.at is not None), default=None)
        )

    def histogram(self, start: float, end: float, bars: int) -> list[int]:
        """Return how many failed in each of `bars` equal parts of the time from start to end."""
        counts = [0] * bars
        for each in self.failures:
            if each.at is not None and start <= each.at <= end:
                counts[min(int((each.at - start) / (end - start) * bars), bars - 1)] += 1
        return counts


def grouped(table: JobTable, failures: Iterable[Failure], *, is_cut: bool) -> list[ErrorGroup]:
    """Return the groups of a table's failures, in no order."""
    by_fingerprint: defaultdict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        by_fingerprint[failure.cause.fingerprint].append(failure)
    return [ErrorGroup(table, found[0].cause, found, is_cut) for found in by_fingerprint.values()]


def in_order(groups: Iterable[ErrorGroup], sort: str) -> list[ErrorGroup]:
    """Return groups by "last" or "first" (the latest on top), or "count" (the largest on top)."""
    keys = {
        "count": lambda group: (group.count, _seen(group.last_seen)),
        "first": lambda group: (_seen(group.first_seen), group.count),
        "last": lambda group: (_seen(group.last_seen), group.count),
    }
    return sorted(groups, key=keys[sort], reverse=True)


SORTS = ("last", "first", "count")


def _seen(moment: Moment | None) -> float:
    return -math.inf if moment is None else moment.epoch


def _order(at: float | None) -> float:
    return -math.inf if at is None else at


def _moment(epoch: float | None) -> Moment | None:
    return None if epoch is None else Moment(epoch)
