"""The spans of time that figures are shown for, and how each is divided. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SLICES = 2
"""Slices of a bucket. Each is sampled by itself, so that one crowded moment stands for little."""


@dataclass(frozen=True)
class Span:
    """A span of time that ends now, divided into buckets of equal length."""

    name: str
    """The name in addresses."""

    label: str
    seconds: int
    bucket_seconds: int

    def starts(self, now: float) -> list[float]:
        """Return when the buckets begin, in seconds since 1970. The last one has not ended.

        They begin at whole multiples of their length, so that a bucket is the same for every page.
        """
        last = now // self.bucket_seconds * self.bucket_seconds
        count = self.seconds // self.bucket_seconds
        return [last - (count - 1 - index) * self.bucket_seconds for index in range(count)]

    def slices(self, now: float) -> list[float]:
        """Return when the slices of all buckets begin, and as the last element when they end."""
        length = self.bucket_seconds / SLICES
        starts = self.starts(now)
        return [
            *(start + part * length for start in starts for part in range(SLICES)),
            starts[-1] + self.bucket_seconds,
        ]


HOUR = Span("hour", "Last hour", 3_600, 120)
DAY = Span("day", "Last 24 hours", 86_400, 3_600)
WEEK = Span("week", "Last 7 days", 7 * 86_400, 6 * 3_600)

SPANS = {span.name: span for span in (HOUR, DAY, WEEK)}
