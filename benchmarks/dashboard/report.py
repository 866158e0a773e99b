"""Write what was measured, as Markdown and as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from benchmarks.dashboard.database import Size
from benchmarks.dashboard.measuring import FEWEST_BESIDE_WORKER, Pair, Timings, loss, p95

PAGE_GOAL_MS = 100.0
LOSS_GOAL_PERCENT = 2.0


@dataclass(frozen=True)
class Run:
    """What a run had measured, on which machine and with how many rows."""

    machine: dict[str, str]
    size: Size
    requests: int
    timings: Sequence[Timings]
    pairs: Sequence[Pair]
    failure: str | None = None
    """Why the drains could not be measured."""


def markdown(run: Run) -> str:
    """Return the tables, and which goals were missed."""
    return "\n".join(_lines(run))


def as_json(run: Run) -> str:
    """Return every single figure."""
    document = {
        "machine": run.machine,
        "size": asdict(run.size),
        "requests": run.requests,
        "pages": [asdict(each) for each in run.timings],
        "drains": [{**asdict(pair), "loss_percent": pair.loss} for pair in run.pairs],
        "missed": list(_missed(run)),
    }
    return json.dumps(document, indent=2)


def _lines(run: Run) -> Iterator[str]:
    size = run.size
    yield (
        f"{size.finished:,} finished and {size.others:,} other jobs of one kind,"
        f" {size.kinds} kinds, {size.references:,} referenced rows;"
        f" {run.requests} requests for each page."
    )
    yield ""
    for name, value in run.machine.items():
        yield f"- {name}: {value}"
    if run.timings:
        yield ""
        yield (
            "| page | status | kB | first ms | p50 | p95 | max "
            "| p50 beside a worker | p95 beside a worker | CPU ms, dashboard + PostgreSQL |"
        )
        yield "|---" + 9 * "|---:" + "|"
        yield from map(_row, run.timings)
    if run.pairs:
        yield ""
        yield "| drain | jobs/s, alone | with three browsers | loss % |"
        yield "|---|---:|---:|---:|"
        for number, pair in enumerate(run.pairs, 1):
            yield f"| {number} | {pair.alone:,.0f} | {pair.watched:,.0f} | {pair.loss:.1f} |"
    yield ""
    missed = list(_missed(run))
    yield "All goals were met." if not missed else "Goals that were missed:"
    yield from (f"- {each}" for each in missed)


def _row(each: Timings) -> str:
    beside = each.beside_worker
    cells = [
        each.page.name,
        str(each.status),
        f"{each.bytes / 1000:.1f}",
        f"{each.first:.1f}",
        f"{statistics.median(each.idle):.1f}",
        f"{p95(each.idle):.1f}",
        f"{max(each.idle):.1f}",
        f"{statistics.median(beside):.1f}" if beside else "-",
        f"{p95(beside):.1f}" if len(beside) >= FEWEST_BESIDE_WORKER else "-",
        f"{each.dashboard_cpu:.0f} + {each.server_cpu:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _missed(run: Run) -> Iterator[str]:
    for each in run.timings:
        if each.status != 200:
            yield f"{each.page.name}: status {each.status}"
        if (reached := p95(each.idle)) > PAGE_GOAL_MS:
            yield f"{each.page.name}: p95 {reached:.0f} ms, at most {PAGE_GOAL_MS:.0f}"
        beside = each.beside_worker
        if len(beside) >= FEWEST_BESIDE_WORKER and (reached := p95(beside)) > PAGE_GOAL_MS:
            yield f"{each.page.name}: p95 {reached:.0f} ms beside a worker"
    if run.failure:
        yield f"the drains could not be measured: {run.failure}"
    if run.pairs and (reached := loss(run.pairs)) > LOSS_GOAL_PERCENT:
        yield f"the drain with three browsers: loses {reached:.1f} %, goal: {LOSS_GOAL_PERCENT:.0f}"
