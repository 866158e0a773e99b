"""`manage-jobs`: control single jobs and whole kinds, on all workers at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from psycopg import Connection, Error
from psycopg.errors import UndefinedTable

from jobgen_runtime.cli.errors import run_command
from jobgen_runtime.cli.inspect_workers import run_inspect
from jobgen_runtime.cli.kind_status import describe_status, describe_unregistered
from jobgen_runtime.cli.options import add_setup_option, find_project, folder
from jobgen_runtime.cli.parser import CommandParser
from jobgen_runtime.cli.run_job import add_run_parser, run_job
from jobgen_runtime.cli.schedule_commands import add_schedule_parsers, run_schedule_command
from jobgen_runtime.contract.errors import InvalidJob, JobgenRuntimeError, SchemaError
from jobgen_runtime.contract.states import Cancellation
from jobgen_runtime.control import (
    cancel_job_sync,
    pause_kind_sync,
    resume_kind_sync,
    retry_job_sync,
)
from jobgen_runtime.database import close_pool_sync, pool_sync
from jobgen_runtime.database.server_errors import is_raised_by_user_code, server_reason
from jobgen_runtime.job import Job
from jobgen_runtime.job.hooks import check_hooks
from jobgen_runtime.project import (
    activate_project,
    application_of,
    load_workers,
    migrate_command,
    project_hooks,
)
from jobgen_runtime.record import JobRecord
from jobgen_runtime.replay import find_job
from jobgen_runtime.supervisor import JobSelection, select_jobs, validate_jobs
from jobgen_runtime.table import Table

Conn = Connection[Any]
JobClass = type[Job[Any]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit; `arguments` are those of the command line if None."""
    options = build_parser().parse_args(arguments)
    if options.command == "run":
        options.check(options)
    sys.exit(run_command(lambda: _run(options), "manage-jobs"))


def _run(options: argparse.Namespace) -> int:
    root = find_project(options)
    activate_project(root, options.setup)
    registered = validate_jobs(load_workers(root))

    def select(names: Sequence[str]) -> list[JobClass]:
        selection = JobSelection(names)
        return select_jobs(registered, selection, lambda module: application_of(module, root))

    if options.command in ("schedule", "schedules"):
        with _connection() as conn:
            return run_schedule_command(
                options, conn, lambda names: {job.__name__: _table(job) for job in select(names)}
            )
    jobs = select(options.jobs)
    if options.command == "run":
        check_hooks(project_hooks(), registered)
        with _connection() as conn:
            found = find_job(conn, _table(jobs[0]), options.id)
        return run_job(jobs[0], found, options)
    with _connection() as conn:
        if options.command == "inspect":
            return run_inspect(conn, {job.__name__: _table(job) for job in jobs})
        if options.command in _JOB_COMMANDS:
            return _run_for_jobs(_JOB_COMMANDS[options.command], conn, jobs[0], options.ids)
        code = _run_for_kinds(_KIND_COMMANDS[options.command], conn, jobs)
        if options.command == "status" and not options.jobs:
            for line in describe_unregistered(conn, list(map(_table, registered))):
                print(line)  # noqa: T201 -- the command's output
        return code


@contextmanager
def _connection() -> Iterator[Conn]:
    try:
        with pool_sync().connection() as conn:
            yield conn
    except Error as error:
        if _is_not_set_up(error):
            raise SchemaError(
                f"The database is not set up for this project: {error.diag.message_primary}.",
                hint=f"Run `{migrate_command()}`.",
            ) from error
        raise JobgenRuntimeError(
            f"The database reported an error: {server_reason(error)}"
        ) from error
    finally:
        close_pool_sync()


def _is_not_set_up(error: Error) -> bool:
    return isinstance(error, UndefinedTable) and not is_raised_by_user_code(error)


def _run_for_jobs(
    command: Callable[[Conn, JobClass, UUID], str], conn: Conn, job: JobClass, ids: Sequence[UUID]
) -> int:
    code = 0
    for job_id in ids:
        try:
            print(f"{job.__name__} {job_id}: {command(conn, job, job_id)}")  # noqa: T201 -- the command's output
        except JobgenRuntimeError as error:
            print(f"manage-jobs: {error}", file=sys.stderr)  # noqa: T201 -- the command's output
            code = 1
        except Error as error:
            if conn.closed or _is_not_set_up(error):
                raise
            # The other jobs may be different.
            message = (
                f"The database refuses this for {job.__name__} {job_id}: {server_reason(error)}"
            )
            print(f"manage-jobs: {message}", file=sys.stderr)  # noqa: T201 -- the command's output
            code = 1
    return code


def _run_for_kinds(
    command: Callable[[Conn, Table], str], conn: Conn, jobs: Sequence[JobClass]
) -> int:
    code = 0
    for job in jobs:
        try:
            print(f"{job.__name__}: {command(conn, _table(job))}")  # noqa: T201 -- the command's output
        except Error as error:
            if conn.closed or _is_not_set_up(error):
                raise
            message = f"The database refuses this for {job.__name__}: {server_reason(error)}"
            print(f"manage-jobs: {message}", file=sys.stderr)  # noqa: T201 -- the command's output
            code = 1
    return code


def _cancel(conn: Conn, job: JobClass, job_id: UUID) -> str:
    table = _table(job)
    match cancel_job_sync(conn, table, job_id):
        case Cancellation.DONE:
            return "cancelled"
        case Cancellation.REQUESTED if job.is_async() or job.isolation:
            return "running; its worker was asked to cancel it"
        case Cancellation.REQUESTED:
            return "running in a thread, which cannot be interrupted; it will not be retried"
        case Cancellation.TOO_LATE:
            raise JobgenRuntimeError(f"The job {job_id} of {table.qualified_name} has ended.")


def _retry(conn: Conn, job: JobClass, job_id: UUID) -> str:
    retry_job_sync(conn, _table(job), job_id)
    return "starts over, with all its attempts"


def _pause(conn: Conn, table: Table) -> str:
    return "paused; running jobs continue" if pause_kind_sync(conn, table) else "already paused"


def _resume(conn: Conn, table: Table) -> str:
    return "resumed" if resume_kind_sync(conn, table) else "was not paused"


def _table(job: JobClass) -> Table:
    if not issubclass(job.record, JobRecord):
        raise InvalidJob(f"{job.__qualname__} has no job table.")
    return job.record.__table__


_JOB_COMMANDS: Mapping[str, Callable[[Conn, JobClass, UUID], str]] = {
    "cancel": _cancel,
    "retry": _retry,
}
_KIND_COMMANDS: Mapping[str, Callable[[Conn, Table], str]] = {
    "pause": _pause,
    "resume": _resume,
    "status": describe_status,
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="manage-jobs",
        description="Control the jobs of the project's database, on all workers. Name a kind of "
        "job by its class, its record or its table: EmailCustomers, EmailCustomersJob, "
        "email_customers_jobs.",
    )
    parser.add_argument(
        "-C",
        "--root",
        type=folder,
        metavar="DIR",
        help="the project's folder (default: found from the current folder)",
    )
    add_setup_option(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    job_commands = {
        "cancel": "fail jobs permanently, waiting or running",
        "retry": "start jobs over, with all their attempts",
    }
    kind_commands = {
        "pause": "start no job of the kind on any worker; running jobs continue",
        "resume": "let jobs of the kind start again",
        "status": "show how many jobs there are by status, on how many workers, what is paused, "
        "which jobs the database refuses, and which wait although nothing runs them",
        "inspect": "show what each worker runs and for how long, and have all workers log the "
        "stacks of it",
    }
    for name, text in job_commands.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("jobs", nargs=1, metavar="JOB", help="the kind of job")
        command.add_argument("ids", nargs="+", type=UUID, metavar="ID", help="the job's id")
    add_run_parser(commands)
    for name, text in kind_commands.items():
        command = commands.add_parser(name, help=text, description=text)
        count = "*" if name in {"status", "inspect"} else "+"
        command.add_argument("jobs", nargs=count, metavar="JOB", help="the kind of job")
    add_schedule_parsers(commands)
    return parser
