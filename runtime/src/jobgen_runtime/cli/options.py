"""The options of `run-jobs`."""

from __future__ import annotations

import argparse
from pathlib import Path

from jobgen_runtime.cli.health import address
from jobgen_runtime.cli.logs import FORMATS
from jobgen_runtime.cli.loops import CHOICES
from jobgen_runtime.heartbeat import Intervals
from jobgen_runtime.supervisor import WorkerSettings


def parser() -> argparse.ArgumentParser:
    """Reads the command line."""
    made = argparse.ArgumentParser(
        prog="run-jobs",
        description="Runs the project's jobs until it is told to end (SIGTERM or Ctrl-C once: "
        "finish what runs; twice: end now, and put back what runs).",
    )
    made.add_argument(
        "jobs",
        nargs="*",
        metavar="JOB",
        help="a job to run, such as EmailCustomers or Web.EmailCustomers (default: all)",
    )
    made.add_argument(
        "--app",
        action="append",
        default=[],
        metavar="APP",
        help="run the jobs of this application; may be given again",
    )
    made.add_argument(
        "--except",
        dest="excepted",
        action="append",
        default=[],
        metavar="JOB",
        help="do not run this job; may be given again",
    )
    made.add_argument(
        "-C", "--root", type=Path, metavar="DIR", help="the project (default: the current folder's)"
    )
    made.add_argument(
        "--grace",
        type=_seconds,
        default=WorkerSettings.grace,
        metavar="SECONDS",
        help="for running jobs to finish when told to end (default: %(default)g)",
    )
    made.add_argument(
        "--drain", action="store_true", help="run all that is due, then exit; 1 if any failed"
    )
    made.add_argument(
        "--check",
        action="store_true",
        help="print what the database lacks and the SQL that adds it; 3 if it lacks anything",
    )
    made.add_argument(
        "--poll",
        type=_positive_seconds,
        default=WorkerSettings.poll,
        metavar="SECONDS",
        help="between two looks at the tables when nothing wakes it (default: %(default)g)",
    )
    made.add_argument(
        "--heartbeat",
        type=_positive_seconds,
        default=Intervals.heartbeat,
        metavar="SECONDS",
        help="between two signs of life; others take over a dead worker's jobs after six of "
        "them (default: %(default)g)",
    )
    made.add_argument(
        "--processes",
        type=_count,
        default=1,
        metavar="N",
        help="worker processes, each with all its slots (default: %(default)s)",
    )
    made.add_argument(
        "--loop",
        choices=CHOICES,
        default=CHOICES[0],
        help="the event loop (default: uvloop where it is installed)",
    )
    made.add_argument(
        "--log-format",
        choices=FORMATS,
        default=FORMATS[0],
        help="of the lines on standard error; json: one object a line (default: %(default)s)",
    )
    made.add_argument(
        "--health",
        type=address,
        metavar="[HOST:]PORT",
        help="answer HTTP there: 200 while all is well, else 503 (default host: 127.0.0.1)",
    )
    # How a parent starts each of its processes: its number, and the descriptor of their socket.
    made.add_argument("--child", type=_child, help=argparse.SUPPRESS)
    made.add_argument("-v", "--verbose", action="store_true", help="log every success too")
    return made


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


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return count


def _child(text: str) -> tuple[int, int]:
    number, descriptor = text.split(":")
    return int(number), int(descriptor)
