"""`run-jobs`: the worker, in one process or several."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from jobgen_runtime.cli.ending import end_in_any_case
from jobgen_runtime.cli.faults import guarded
from jobgen_runtime.cli.logs import FORMATS, set_up
from jobgen_runtime.cli.loops import CHOICES, chosen_loop
from jobgen_runtime.database import database_url, described
from jobgen_runtime.project import application_of, enter, load_workers, require_root
from jobgen_runtime.recovery import Intervals
from jobgen_runtime.supervisor import (
    Parent,
    Processes,
    Selection,
    Settings,
    Supervisor,
    check_jobs,
    select,
)

log = logging.getLogger("jobgen.worker")


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(given)
    number, _ = options.child or (None, None)
    level = logging.DEBUG if options.verbose else logging.INFO
    set_up(level, form=options.log_format, process=number)
    as_json = options.log_format == "json"
    sys.exit(guarded(lambda: _run(options, given), "run-jobs", logged=as_json))


def _run(options: argparse.Namespace, given: Sequence[str]) -> int:
    root = require_root(options.root or Path.cwd())
    if options.child:
        # A terminal sends it to the parent too.
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
        return _work(options, root, Parent(options.child[1]))
    if options.processes == 1:
        return _work(options, root, None)
    log.info("run-jobs %s of %s: %d processes", version("jobgen-runtime"), root, options.processes)

    def command(number: int, descriptor: int) -> list[str]:
        program = [sys.executable, "-P", "-m", "jobgen_runtime.cli.run_jobs"]
        return [*program, *given, f"--child={number}:{descriptor}"]

    async def supervise() -> int:
        return await Processes(options.processes, command, drain=options.drain).run()

    return asyncio.run(supervise())


def _work(options: argparse.Namespace, root: Path, parent: Parent | None) -> int:
    enter(root)
    jobs = select(
        check_jobs(load_workers(root)),
        Selection(options.jobs, options.app, options.excepted),
        lambda module: application_of(module, root),
    )
    loop = chosen_loop(options.loop)
    log.info(
        "run-jobs %s of %s: %d %s, %s, loop %s",
        version("jobgen-runtime"),
        root,
        *(len(jobs), "kind of job" if len(jobs) == 1 else "kinds of job"),
        *(described(database_url()), loop.name),
    )
    settings = Settings(
        grace=options.grace,
        poll=options.poll,
        drain=options.drain,
        intervals=Intervals(options.heartbeat),
    )

    async def supervise() -> int:
        code = await Supervisor(jobs, settings, parent).run()
        end_in_any_case(code)
        return code

    with asyncio.Runner(loop_factory=loop.factory) as runner:
        return runner.run(supervise())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run-jobs",
        description="Runs the project's jobs until it is told to end (SIGTERM or Ctrl-C once: "
        "finish what runs; twice: end now, and put back what runs).",
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
        help="run the jobs of this application; may be given again",
    )
    parser.add_argument(
        "--except",
        dest="excepted",
        action="append",
        default=[],
        metavar="JOB",
        help="do not run this job; may be given again",
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
    parser.add_argument(
        "--processes",
        type=_count,
        default=1,
        metavar="N",
        help="worker processes, each with all its slots (default: %(default)s)",
    )
    parser.add_argument(
        "--loop",
        choices=CHOICES,
        default=CHOICES[0],
        help="the event loop (default: uvloop where it is installed)",
    )
    parser.add_argument(
        "--log-format",
        choices=FORMATS,
        default=FORMATS[0],
        help="of the lines on standard error; json: one object a line (default: %(default)s)",
    )
    # How a parent starts each of its processes: its number, and the descriptor of their socket.
    parser.add_argument("--child", type=_child, help=argparse.SUPPRESS)
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


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return count


def _child(text: str) -> tuple[int, int]:
    number, descriptor = text.split(":")
    return int(number), int(descriptor)


if __name__ == "__main__":
    main()
