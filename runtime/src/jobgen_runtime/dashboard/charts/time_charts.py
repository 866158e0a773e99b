"""The charts of figures over time, and their numbers as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobgen_runtime.dashboard.components.chart import Chart, Series, chart, round_number
from jobgen_runtime.dashboard.components.html import Html, html, time_ago
from jobgen_runtime.dashboard.components.times import Moment, duration, elapsed
from jobgen_runtime.dashboard.figures.histogram import Histogram
from jobgen_runtime.dashboard.figures.samples import Bucket, Figures
from jobgen_runtime.dashboard.lists.counts import UNKNOWN


@dataclass(frozen=True)
class TimeCharts:
    """The charts, and what they show bucket by bucket, the newest first."""

    charts: Sequence[Html]
    rows: Sequence[Sequence[str | Html]]
    is_exact: bool


ROUND = (
    *(number * power for power in (0.001, 0.01, 0.1) for number in (1, 2, 5)),
    *(1, 2, 5, 10, 20, 30),
    *(minutes * 60 for minutes in (1, 2, 5, 10, 20, 30)),
    *(hours * 3_600 for hours in (1, 2, 6, 12)),
    *(days * 86_400 for days in (1, 2, 5, 10, 20, 30)),
)
"""Seconds that an axis may end at."""

HEADINGS = ("Created", "Succeeded", "Failed", "Not ended", "Took", "p95", "Waited", "p95")
"""The columns of the numbers behind the time."""


def time_charts(figures: Figures, now: Moment) -> TimeCharts:
    """Return the charts of figures."""
    buckets, total = figures.buckets, figures.total
    middle = buckets[len(buckets) // 2]
    axis = [
        time_ago(Moment(buckets[0].start), now),
        time_ago(Moment(middle.start), now),
        html("now"),
    ]
    names = [_clock(bucket) for bucket in buckets]
    drawn = (
        _throughput(buckets, total),
        _failures(buckets, total),
        _lengths("Time waited", [bucket.waits for bucket in buckets], total.waits),
        _lengths("Time taken", [bucket.durations for bucket in buckets], total.durations),
    )
    return TimeCharts(
        [chart(each, axis, names) for each in drawn],
        [_row(bucket) for bucket in reversed(buckets)],
        total.is_exact,
    )


def _throughput(buckets: Sequence[Bucket], total: Bucket) -> Chart:
    return Chart(
        "Jobs created",
        total.in_words,
        [
            Series("Failed", "failed", [bucket.failed for bucket in buckets]),
            Series("Succeeded", "succeeded", [bucket.succeeded for bucket in buckets]),
            Series("Not ended", "waiting", [bucket.waiting for bucket in buckets]),
        ],
        _count,
        round_number,
        stacked=True,
    )


def _failures(buckets: Sequence[Bucket], total: Bucket) -> Chart:
    ended = total.failed + total.succeeded
    share = f", {100 * total.failed / ended:.3g} % of those that ended" if ended else ""
    return Chart(
        "Failures",
        f"{total.count(total.failed)} failed{share}",
        [Series("Failed", "failed", [bucket.failed for bucket in buckets])],
        _count,
        round_number,
    )


def _lengths(title: str, lengths: Sequence[Histogram], total: Histogram) -> Chart:
    median, p95 = total.median, total.p95
    summary = "No job has started"
    if median is not None and p95 is not None:
        summary = f"Median {elapsed(median)}, 95 % within {elapsed(p95)}"
    return Chart(
        title,
        summary,
        [
            Series("95 % within", "p95", [each.p95 for each in lengths]),
            Series("Median", "median", [each.median for each in lengths]),
        ],
        _length,
        _round_length,
    )


def _round_length(seconds: float) -> float:
    """Return the least round length of time that is not below the given one."""
    return next((each for each in ROUND if each >= seconds), round_number(seconds))


def _length(seconds: float) -> str:
    """Return a length of time: "1.8 s", and "50 s" for a round one."""
    return duration(seconds) if seconds in ROUND and seconds >= 1 else elapsed(seconds)


def _row(bucket: Bucket) -> list[str | Html]:
    lengths = (
        bucket.durations.median,
        bucket.durations.p95,
        bucket.waits.median,
        bucket.waits.p95,
    )
    return [
        html(
            '<time datetime="{}" data-form="whole">{}</time>',
            Moment(bucket.start).iso,
            _clock(bucket),
        ),
        *(
            bucket.count(number)
            for number in (bucket.bar.total, bucket.succeeded, bucket.failed, bucket.waiting)
        ),
        *(UNKNOWN if seconds is None else elapsed(seconds) for seconds in lengths),
    ]


def _count(number: float) -> str:
    return f"{round(number):,}"


def _clock(bucket: Bucket) -> str:
    """Return when a bucket begins: "2026-11-30 10:02 UTC"."""
    return str(Moment(bucket.start)).replace(":00 UTC", " UTC")
