"""The command line of `run-jobs`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from jobgen_runtime.cli.event_loops import EVENT_LOOPS
from jobgen_runtime.cli.http_endpoint import parse_address
from jobgen_runtime.cli.logs import LOG_FORMATS
from jobgen_runtime.cli.parser import CommandParser
from jobgen_runtime.heartbeat import Intervals
from jobgen_runtime.project import require_root
from jobgen_runtime.supervisor import WorkerSettings

LONGEST_SECONDS = 365 * 24 * 3600
"""The longest duration that an option takes: the timers of Python and libraries have limits."""

LONGEST_HEARTBEAT = 24 * 3600
"""The server has settings in milliseconds that follow from the heartbeat."""

SHORTEST_INTERVAL = 0.01
"""Seconds between two polls or heartbeats, at least."""

MOST_PROCESSES = 1000

LARGEST_LIMIT = 10**12
"""Jobs or MB that a limit of a process takes."""


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line; exit with 2 if they are wrong."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.drain and (options.max_jobs or options.max_rss):
        parser.error("--drain ends by itself, so it takes no --max-jobs and no --max-rss")
    return options


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="run-jobs",
        description="Run the project's jobs until shut down. SIGTERM or Ctrl-C once lets running "
        "jobs finish; a second time interrupts and requeues them.",
    )
    parser.add_argument(
        "jobs",
        nargs="*",
        metavar="JOB",
        help="a job to run, such as EmailCustomers or Web.EmailCustomers (default: all)",
    )
    parser.add_argument(
        "--app",
        action="append",
        default=[],
        metavar="APP",
        help="run the jobs of this application (repeatable)",
    )
    parser.add_argument(
        "--except",
        dest="excluded",
        action="append",
        default=[],
        metavar="JOB",
        help="do not run this job (repeatable)",
    )
    parser.add_argument(
        "-C",
        "--root",
        type=folder,
        metavar="DIR",
        help="the project's folder (default: found from the current folder)",
    )
    parser.add_argument(
        "--grace",
        type=_seconds,
        default=WorkerSettings.grace,
        metavar="SECONDS",
        help="how long running jobs may take to finish at shutdown (default: %(default)g)",
    )
    parser.add_argument(
        "--drain", action="store_true", help="run all due jobs, then exit; with 1 if any failed"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="print what is missing in the database and the SQL that adds it; exit with 3 if "
        "anything is",
    )
    parser.add_argument(
        "--wait-for-schema",
        action="store_true",
        help="at the start, wait until the database has what the jobs need, instead of refusing",
    )
    parser.add_argument(
        "--poll",
        type=_interval,
        default=WorkerSettings.poll,
        metavar="SECONDS",
        help="time between polls when nothing wakes the worker (default: %(default)g)",
    )
    parser.add_argument(
        "--heartbeat",
        type=_heartbeat,
        default=Intervals.heartbeat,
        metavar="SECONDS",
        help="time between heartbeats; other workers take over a dead worker's jobs after six of "
        "them (default: %(default)g)",
    )
    parser.add_argument(
        "--processes",
        type=_count,
        default=1,
        metavar="N",
        help="number of worker processes, each with all its slots (default: %(default)s)",
    )
    parser.add_argument(
        "--max-jobs",
        type=_positive,
        metavar="N",
        help="shut a process down after N jobs, or up to a tenth fewer; --processes starts a fresh "
        "one, else the service manager must (default: never)",
    )
    parser.add_argument(
        "--max-rss",
        type=_positive,
        metavar="MB",
        help="the same, once the process uses more memory than this after a job (default: never)",
    )
    parser.add_argument(
        "--loop",
        choices=EVENT_LOOPS,
        default=EVENT_LOOPS[0],
        help="the event loop (default: uvloop if it is installed)",
    )
    parser.add_argument(
        "--log-format",
        choices=LOG_FORMATS,
        default=LOG_FORMATS[0],
        help="format of log lines; json: one object per line (default: %(default)s)",
    )
    parser.add_argument(
        "--health",
        type=parse_address,
        metavar="[HOST:]PORT",
        help="serve health checks over HTTP: 200 while healthy, else 503 (default host: 127.0.0.1)",
    )
    parser.add_argument(
        "--metrics",
        type=parse_address,
        metavar="[HOST:]PORT",
        help="serve metrics for Prometheus at /metrics (default host: 127.0.0.1); needs "
        "jobgen-runtime[prometheus]",
    )
    # Set by the supervisor for each of its processes: its number, and its socket's descriptor.
    parser.add_argument("--child", type=_child, help=argparse.SUPPRESS)
    add_setup_option(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="log successful jobs too")
    return parser


def add_setup_option(parser: argparse.ArgumentParser) -> None:
    """Add the option by which a framework's command names the module that sets it up."""
    parser.add_argument("--setup", metavar="MODULE", help=argparse.SUPPRESS)


def find_project(options: argparse.Namespace) -> Path:
    """Return the root of the project that the options or the current folder name.

    Raises:
        ProjectError: There is none. A framework's command needs none, as its jobs may have no file.
    """
    if options.setup and options.root:
        root: Path = options.root
        return root
    return require_root(options.root or Path.cwd())


def folder(text: str) -> Path:
    """Return the folder that an option names.

    Raises:
        argparse.ArgumentTypeError: The text is empty, as of a variable that is not set, or names no
            folder.
    """
    if not text:
        raise argparse.ArgumentTypeError("the folder is empty")
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return path


def _seconds(text: str) -> float:
    return _read_seconds(text, least=0)


def _interval(text: str) -> float:
    return _read_seconds(text, least=SHORTEST_INTERVAL)


def _heartbeat(text: str) -> float:
    return _read_seconds(text, least=SHORTEST_INTERVAL, most=LONGEST_HEARTBEAT)


def _read_seconds(text: str, *, least: float, most: int = LONGEST_SECONDS) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not least <= seconds <= most:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds from {least:g} to {most} ({most // 86_400} d)"
        )
    return seconds


def _count(text: str) -> int:
    return _read_count(text, MOST_PROCESSES)


def _positive(text: str) -> int:
    return _read_count(text, LARGEST_LIMIT)


def _read_count(text: str, most: int) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {most}")
    return count


def _child(text: str) -> tuple[int, int]:
    try:
        number, descriptor = map(int, text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError("set by run-jobs itself") from None
    return number, descriptor
