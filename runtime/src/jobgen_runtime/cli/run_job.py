"""`manage-jobs run`: run one job in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import Any

from jobgen_runtime.cli.logs import configure_logging
from jobgen_runtime.contract.requests import Cancel, Snooze
from jobgen_runtime.executor.error_text import format_error, leaves
from jobgen_runtime.job import Job
from jobgen_runtime.replay import (
    Ending,
    FoundJob,
    Replay,
    debug,
    open_transaction,
    replayed_class,
    run_in_transaction,
)

_NOT_UNDONE = (
    "manage-jobs: --rollback undoes what the job writes through its records, job.transaction() and "
    "connection(). It cannot undo requests, mails, files, or what is written over other "
    "connections, such as those of Django and SQLAlchemy."
)


def add_run_parser(commands: Any) -> None:
    """Add the command to the parser's commands."""
    text = "run one job in this process, in the foreground"
    parser = commands.add_parser(
        "run",
        help=text,
        description=f"{text}, whether it waits or has ended. Exits with 0 if it succeeds, and with "
        "1 if it fails.",
    )
    parser.add_argument("jobs", nargs=1, metavar="JOB", help="the kind of job")
    parser.add_argument("id", metavar="ID", help="the job's id, or the beginning of it")
    parser.add_argument(
        "--pdb", action="store_true", help="start the debugger if the job raises an error"
    )
    parser.add_argument(
        "--rollback",
        action="store_true",
        help="undo what the job writes to the database, and leave its row as it was",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log at DEBUG")
    parser.set_defaults(check=lambda options: _check(parser, options))


def run_job(job: type[Job[Any]], found: FoundJob, options: argparse.Namespace) -> int:
    """Run a job as the options say; return the exit code.

    Raises:
        JobgenRuntimeError: It cannot be run.
    """
    configure_logging(logging.DEBUG if options.verbose else logging.INFO)
    kind = replayed_class(job, has_ended=found.has_ended, has_timeout=not options.pdb)
    name = f"{job.__name__} {found.id}"
    if options.rollback:
        _say(_NOT_UNDONE)
        with open_transaction():
            ending = asyncio.run(run_in_transaction(kind, found.id))
            _report(name, ending, debugs=options.pdb)
        _say(f"{name}: rolled back")
    else:

        async def run() -> Ending:
            return await Replay(kind).run(found.id)

        ending = asyncio.run(run())
        _report(name, ending, debugs=options.pdb)
    return ending.code


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.pdb and not (sys.stdin.isatty() and sys.stdout.isatty()):
        parser.error("--pdb needs a terminal: standard input or output is not one")


def _report(name: str, ending: Ending, *, debugs: bool) -> None:
    error = ending.error if ending.code == 1 else None
    if error is not None:
        _say(format_error(error))
    print(f"{name}: {ending.text}", flush=True)  # noqa: T201 -- the command's output
    if error is not None and debugs and not _is_request(error):
        debug(error)


def _is_request(error: BaseException) -> bool:
    return all(isinstance(each, Cancel | Snooze) for each in leaves(error))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 -- the command's output
