"""`run-jobs`: the worker process."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from jobgen_runtime.cli.ending import end_in_any_case
from jobgen_runtime.cli.faults import guarded
from jobgen_runtime.cli.logs import set_up
from jobgen_runtime.project import enter, load_workers, require_root
from jobgen_runtime.recovery import Intervals
from jobgen_runtime.supervisor import Settings, Supervisor, check_jobs

log = logging.getLogger("jobgen.worker")


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    options = _parser().parse_args(arguments)
    set_up(logging.DEBUG if options.verbose else logging.INFO)
    sys.exit(guarded(lambda: _run(options), "run-jobs"))


def _run(options: argparse.Namespace) -> int:
    root = require_root(options.root or Path.cwd())
    enter(root)
    jobs = check_jobs(load_workers(root))
    log.info("run-jobs: %d %s of %s", len(jobs), "job" if len(jobs) == 1 else "jobs", root)
    settings = Settings(
        grace=options.grace,
        poll=options.poll,
        drain=options.drain,
        intervals=Intervals(options.heartbeat),
    )

    async def supervise() -> int:
        code = await Supervisor(jobs, settings).run()
        end_in_any_case(code)
        return code

    return asyncio.run(supervise())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run-jobs",
        description="Runs the project's jobs until it is told to end (SIGTERM or Ctrl-C once: "
        "finish what runs; twice: end now, and put back what runs).",
    )
    parser.add_argument(
        "-C", "--root", type=Path, metavar="DIR", help="the project (default: the current folder's)"
    )
    parser.add_argument(
        "--grace",
        type=_seconds,
        default=Settings.grace,
        metavar="SECONDS",
        help="for running jobs to finish when told to end (default: %(default)g)",
    )
    parser.add_argument(
        "--drain", action="store_true", help="run all that is due, then exit; 1 if any failed"
    )
    parser.add_argument(
        "--poll",
        type=_positive_seconds,
        default=Settings.poll,
        metavar="SECONDS",
        help="between two looks at the tables when nothing wakes it (default: %(default)g)",
    )
    parser.add_argument(
        "--heartbeat",
        type=_positive_seconds,
        default=Intervals.heartbeat,
        metavar="SECONDS",
        help="between two signs of life; others take over a dead worker's jobs after six of "
        "them (default: %(default)g)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log every success too")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return seconds


def _positive_seconds(text: str) -> float:
    seconds = _seconds(text)
    if seconds == 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return seconds
