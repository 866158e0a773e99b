"""Figures of a kind over a span of time, from samples of its slices. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.components.sparkline import Bar, sparkline
from jobgen_runtime.dashboard.figures.histogram import Histogram
from jobgen_runtime.dashboard.figures.spans import SLICES, Span

MOST = 25
"""Rows that are read at either end of a slice, at most: 100 of a bucket."""

LEAST_SHARE = 0.00001
"""What was read of a slice stands for at most a hundred thousand times as much."""

OUTCOME, DURATION, WAIT = 0b011, 0b101, 0b110
"""What a row of `figures.sql` counts, by its GROUPING()."""


class SampleRow(NamedTuple):
    """A row of `figures.sql`: rows of a slice that have something in common."""

    slice: int
    """Counted from 1."""
    outcome: str | None
    duration: int | None
    wait: int | None
    grouped: int
    number: int
    read_to: float | None
    """When the newest one at the slice's start was created, in seconds since 1970."""
    read_from: float | None
    """When the oldest one at its end was created."""


@dataclass(frozen=True)
class Bucket:
    """The jobs that were created in one bucket of a span."""

    start: float
    seconds: float
    """Its length; less for the last one, which has not ended."""
    succeeded: float = 0
    failed: float = 0
    waiting: float = 0
    """Those that have not ended."""
    is_exact: bool = True
    """Whether all of its jobs were read; else the numbers are estimates."""
    durations: Histogram = field(default_factory=Histogram)
    waits: Histogram = field(default_factory=Histogram)

    @property
    def bar(self) -> Bar:
        """The bucket as a bar."""
        return Bar(self.failed, self.succeeded, self.waiting)

    @property
    def in_words(self) -> str:
        """What became of its jobs: "~120 created, ~116 succeeded, ~3 failed, ~1 not ended"."""
        numbers = (
            (self.bar.total, "created"),
            (self.succeeded, "succeeded"),
            (self.failed, "failed"),
            (self.waiting, "not ended"),
        )
        return ", ".join(f"{self.count(number)} {word}" for number, word in numbers)

    def count(self, number: float) -> str:
        """Return one of its numbers as text, with "~" if it is an estimate."""
        return f"{'' if self.is_exact else '~'}{round(number):,}"

    @classmethod
    def merged(cls, buckets: Sequence[Bucket]) -> Bucket:
        """Return the sum of buckets: of several kinds, or of a whole span."""
        return cls(
            start=min(each.start for each in buckets),
            seconds=max(each.seconds for each in buckets),
            succeeded=sum(each.succeeded for each in buckets),
            failed=sum(each.failed for each in buckets),
            waiting=sum(each.waiting for each in buckets),
            is_exact=all(each.is_exact for each in buckets),
            durations=Histogram.merged(each.durations for each in buckets),
            waits=Histogram.merged(each.waits for each in buckets),
        )


@dataclass(frozen=True)
class Figures:
    """A kind's figures over a span, bucket by bucket from the oldest."""

    span: Span
    buckets: tuple[Bucket, ...]

    @cached_property
    def total(self) -> Bucket:
        """The sum of all buckets."""
        return Bucket.merged(self.buckets)

    @cached_property
    def bars(self) -> Html | None:
        """The figures as small bars; None if no job was created."""
        if not self.total.bar.total:
            return None
        label = f"{self.span.label}: {self.total.in_words}"
        return sparkline([bucket.bar for bucket in self.buckets], label)

    @classmethod
    def merged(cls, every: Sequence[Figures]) -> Figures:
        """Return the figures of several kinds together, over the same span.

        Those that were read before the latest bucket began have nothing in it.
        """
        latest = max(every, key=lambda figures: figures.buckets[-1].start)
        found: dict[float, list[Bucket]] = {bucket.start: [] for bucket in latest.buckets}
        for figures in every:
            for bucket in figures.buckets:
                if bucket.start in found:
                    found[bucket.start].append(bucket)
        return cls(latest.span, tuple(Bucket.merged(buckets) for buckets in found.values()))


def figures_of(rows: Iterable[SampleRow], span: Span, now: float) -> Figures:
    """Return the figures that samples of the slices stand for.

    Of a slice with more rows than were read, the first and the last ones are known. Between them,
    as many are assumed for each second as in what was read. A burst of many jobs at one moment is
    underestimated, not multiplied.

    Args:
        rows: What was counted.
        span: The span.
        now: The time, in seconds since 1970.
    """
    starts = span.starts(now)
    counted: list[list[SampleRow]] = [[] for _ in range(len(starts) * SLICES)]
    for row in rows:
        if 1 <= row.slice <= len(counted):
            counted[row.slice - 1].append(row)
    length = span.bucket_seconds / SLICES
    slices = [
        _slice(starts[0] + number * length, length, now, sampled)
        for number, sampled in enumerate(counted)
    ]
    buckets = (slices[index * SLICES : (index + 1) * SLICES] for index in range(len(starts)))
    return Figures(
        span,
        tuple(
            replace(Bucket.merged(parts), seconds=min(now - start, span.bucket_seconds))
            for start, parts in zip(starts, buckets, strict=True)
        ),
    )


def _slice(start: float, length: float, now: float, rows: Sequence[SampleRow]) -> Bucket:
    seconds = min(max(now - start, 0), length)
    factor, is_exact = _factor(seconds, rows)
    outcomes: dict[str | None, float] = {}
    durations: dict[int, float] = {}
    waits: dict[int, float] = {}
    for row in rows:
        if row.grouped == OUTCOME:
            outcomes[row.outcome] = row.number * factor
        elif row.grouped == DURATION and row.duration is not None:
            durations[row.duration] = row.number * factor
        elif row.grouped == WAIT and row.wait is not None:
            waits[row.wait] = row.number * factor
    return Bucket(
        start,
        seconds,
        succeeded=outcomes.get("succeeded", 0),
        failed=outcomes.get("failed", 0),
        waiting=outcomes.get("waiting", 0),
        is_exact=is_exact,
        durations=Histogram(durations),
        waits=Histogram(waits),
    )


def _factor(seconds: float, rows: Sequence[SampleRow]) -> tuple[float, bool]:
    """Return how many jobs of a slice each row stands for, and whether all of them were read."""
    grouped = [row for row in rows if row.grouped == OUTCOME]
    ends = [row.read_to for row in grouped if row.read_to is not None]
    begins = [row.read_from for row in grouped if row.read_from is not None]
    if not ends or not begins or sum(row.number for row in grouped) < 2 * MOST:
        return 1, True
    unread = max(min(begins) - max(ends), 0)
    return max(seconds / max(seconds - unread, seconds * LEAST_SHARE, 0.001), 1), False
