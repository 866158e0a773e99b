"""Lengths of time counted by size, so that those of many samples can be added up. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

BASE = 1.1
"""Each class is a tenth longer than the one before: a percentile is right within five percent."""

SHORTEST = 0.001
"""Seconds. What took less counts as this long."""


@dataclass(frozen=True)
class Histogram:
    """How many lengths of time fall into each class; class n has BASE**n to BASE**(n+1) seconds."""

    counts: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def merged(cls, histograms: Iterable[Histogram]) -> Histogram:
        """Return the sum of histograms."""
        counts: dict[int, float] = {}
        for histogram in histograms:
            for number, count in histogram.counts.items():
                counts[number] = counts.get(number, 0) + count
        return cls(counts)

    def times(self, factor: float) -> Histogram:
        """Return the histogram of a population that a sample stands for."""
        return Histogram({number: count * factor for number, count in self.counts.items()})

    def percentile(self, share: float) -> float | None:
        """Return the seconds that this share did not exceed; None if there are none."""
        left = sum(self.counts.values()) * share
        middle = None
        for number in sorted(self.counts):
            middle = math.exp((number + 0.5) * math.log(BASE))
            left -= self.counts[number]
            if left <= 0:
                break
        return middle

    @cached_property
    def median(self) -> float | None:
        """The seconds that half of them did not exceed."""
        return self.percentile(0.5)

    @cached_property
    def p95(self) -> float | None:
        """The seconds that all but one in twenty did not exceed."""
        return self.percentile(0.95)
