"""The command line: `python -m benchmarks.queues`, or `make bench`."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from benchmarks.queues import machine
from benchmarks.queues.goals import OURS
from benchmarks.queues.report import Run, as_json, markdown
from benchmarks.queues.results import Results
from benchmarks.queues.server import server
from benchmarks.queues.systems import NAMES, system
from benchmarks.queues.workload import QUICK, Bench, Result, Scale, Workload
from benchmarks.queues.workloads import WORKLOADS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0, or 1 if a system failed."""
    options = _options(arguments)
    # Like Ctrl-C, SIGTERM must end the workers and the server with the benchmark.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    scale = QUICK if options.quick else Scale()
    if options.jobs:
        scale = replace(scale, jobs=options.jobs)
    chosen = [system(name) for name in options.systems]
    absent = {each.name: reason for each in chosen if (reason := each.missing())}
    for name, reason in absent.items():
        _log(f"skipped: {name}: {reason}")
    results, done = Results(), list[Workload]()
    with server() as own:
        if not options.quick:
            own.warm_up()
        run = Run(
            {"date": time.strftime("%Y-%m-%d"), **machine.description()},
            own.settings(),
            scale,
            options.repetitions or (1 if options.quick else 3),
            [each for each in chosen if each.name not in absent],
            absent,
            options.quick,
        )
        for group in _groups([WORKLOADS[name] for name in options.workloads]):
            done += group
            for repetition in range(run.repetitions):
                for workload in group:
                    progress = (
                        f"{options.workloads.index(workload.name) + 1} of {len(options.workloads)}"
                    )
                    _log(
                        f"{workload.name} ({progress}), {repetition + 1} of {run.repetitions}:"
                        f" {workload.heading(scale)}"
                    )
                    _measure(run, workload, Bench(own, scale), results)
            own.drop_templates()
            # After each group, so that an interrupted run leaves its results.
            _write(options.output, run, done, results)
    print(markdown(run, done, results))
    _log(f"written: {options.output}/queues.md and queues.json")
    return 1 if results.failed() else 0


def _groups(workloads: Sequence[Workload]) -> Iterator[list[Workload]]:
    for _, group in groupby(workloads, lambda workload: workload.group or workload.name):
        yield list(group)


def _measure(run: Run, workload: Workload, bench: Bench, results: Results) -> None:
    references = workload.references if any(each.name == OURS for each in run.systems) else ()
    systems = [*run.systems, *map(system, references)]
    for each, result in workload.round(bench, systems):
        results.cell(workload.name, each.name).add(result)
        _log(f"  {each.name}: {_short(workload, result)}")


def _short(workload: Workload, result: Result) -> str:
    if isinstance(result, str):
        return result
    return "; ".join(
        f"{value:,.{figure.digits}f} {figure.heading}"
        for figure in workload.figures
        if not math.isnan(value := result.get(figure.key, math.nan))
    )


def _write(folder: Path, run: Run, workloads: Sequence[Workload], results: Results) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "queues.md").write_text(markdown(run, workloads, results))
    (folder / "queues.json").write_text(as_json(run, workloads, results))


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Compare job queues on PostgreSQL in one run on this machine.",
        epilog=f"Systems: {', '.join(NAMES)}. Workloads: {', '.join(WORKLOADS)}.",
    )
    parser.add_argument(
        "--systems",
        type=_names_in(NAMES),
        default=list(NAMES),
        help="comma-separated; default: all",
    )
    parser.add_argument(
        "--workloads",
        type=_names_in(tuple(WORKLOADS)),
        default=list(WORKLOADS),
        help="comma-separated; default: all",
    )
    parser.add_argument(
        "--jobs", type=_positive, help="number of jobs in a drain (default: 200000)"
    )
    parser.add_argument(
        "--repetitions", type=_positive, help="repetitions of each workload (default: 3)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a little of everything, once, to see whether it runs"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("build/benchmarks"), help="folder for the report"
    )
    return parser.parse_args(arguments)


def _names_in(names: Sequence[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        asked = [name.strip() for name in text.split(",") if name.strip()]
        if unknown := [name for name in asked if name not in names]:
            raise argparse.ArgumentTypeError(
                f"unknown: {', '.join(unknown)}; choose from {', '.join(names)}"
            )
        return [name for name in names if name in asked]

    return parse


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return number


if __name__ == "__main__":
    sys.exit(main())
