"""Write the report of a run in Markdown and in JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from benchmarks.queues.goals import GOALS, OURS
from benchmarks.queues.results import Cell, Results
from benchmarks.queues.system import System
from benchmarks.queues.workload import Figure, Scale, Workload
from benchmarks.queues.workloads.drain import OTHERS


@dataclass(frozen=True)
class Run:
    """The settings of a run: its workloads, its machine and its options."""

    machine: dict[str, str]
    server: dict[str, str]
    scale: Scale
    repetitions: int
    systems: Sequence[System]
    absent: dict[str, str]
    """Systems that could not run, and why."""
    quick: bool
    """Whether the run only shows that everything works."""


def markdown(run: Run, workloads: Sequence[Workload], results: Results) -> str:
    """Return the report in Markdown."""
    return "\n".join(_lines(run, workloads, results)) + "\n"


def _lines(run: Run, workloads: Sequence[Workload], results: Results) -> Iterator[str]:
    yield "# Job queues on PostgreSQL, one machine, one run"
    yield ""
    yield f"Medians of {run.repetitions}, systems interleaved; in brackets lowest and highest."
    if run.quick:
        yield "Run with `--quick`: this shows that everything works; it is too little to compare."
    if others := results.all_measured(OTHERS):
        yield (
            f"During the drains, other processes used {statistics.median(others):.0f} % of"
            f" the machine's CPU (median; at most {max(others):.0f} %)."
        )
    yield ""
    yield from _pairs({**run.machine, **run.server})
    yield ""
    yield "| system | version | settings |"
    yield "|---|---|---|"
    for system in run.systems:
        yield f"| {system.name} | {system.version()} | {system.settings} |"
    for name, reason in run.absent.items():
        yield f"| {name} | - | skipped: {reason} |"
    for workload in workloads:
        yield ""
        yield from _table(workload, run.scale, run.systems, results)
    if any(system.name == OURS for system in run.systems):
        yield ""
        yield from _goals(results)


def _pairs(facts: dict[str, str]) -> Iterator[str]:
    for name, value in facts.items():
        yield f"- {name}: {value}"


def _table(
    workload: Workload, scale: Scale, systems: Sequence[System], results: Results
) -> Iterator[str]:
    yield f"## {workload.heading(scale)} (`{workload.name}`)"
    yield ""
    yield "| system | " + " | ".join(figure.heading for figure in workload.figures) + " |"
    yield "|---|" + "---:|" * len(workload.figures)
    for name in (*(system.name for system in systems), *workload.references):
        cell = results.cell(workload.name, name)
        texts = [_text(cell, figure) for figure in workload.figures]
        if cell.reason:
            texts[0] = f"{texts[0]} [{cell.reason}]" if cell.values else cell.reason
        yield f"| {name} | " + " | ".join(texts) + " |"


def _text(cell: Cell, figure: Figure) -> str:
    values = cell.measured(figure.key)
    if not values:
        return "-"

    def show(value: float) -> str:
        return f"{value:,.{figure.digits}f}"

    median = show(statistics.median(values))
    return median if len(values) == 1 else f"{median} ({show(min(values))} to {show(max(values))})"


def _goals(results: Results) -> Iterator[str]:
    yield "## Goals"
    yield ""
    yield "| figure | goal | reached | |"
    yield "|---|---|---:|---|"
    for goal in GOALS:
        reached = goal.reach(results)
        shown = "-" if reached is None else f"{reached:.2f}"
        yield f"| {goal.name} | {goal.target()} | {shown} | {goal.verdict(reached)} |"


def as_json(run: Run, workloads: Sequence[Workload], results: Results) -> str:
    """Return the report in JSON, with the values of each repetition."""
    document = {
        "machine": run.machine,
        "server": run.server,
        "scale": asdict(run.scale),
        "repetitions": run.repetitions,
        "systems": {
            system.name: {"version": system.version(), "settings": system.settings}
            for system in run.systems
        },
        "absent": run.absent,
        "workloads": {
            workload.name: {
                "title": workload.heading(run.scale),
                "figures": {figure.key: figure.heading for figure in workload.figures},
                "systems": {
                    name: _cell(results.cell(workload.name, name))
                    for name in (*(system.name for system in run.systems), *workload.references)
                },
            }
            for workload in workloads
        },
        "goals": [
            {
                "what": goal.name,
                "goal": goal.target(),
                "reached": (reached := goal.reach(results)),
                "verdict": goal.verdict(reached),
            }
            for goal in GOALS
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _cell(cell: Cell) -> dict[str, object]:
    figures = {
        key: {"median": cell.median(key), "values": cell.measured(key)} for key in cell.values
    }
    return {"figures": figures} | ({"reason": cell.reason} if cell.reason else {})
