"""`manage-jobs`: an operator's orders, about single jobs or whole kinds, to all workers at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection, Error
from psycopg.errors import UndefinedTable

from jobgen_runtime.cli.faults import guarded
from jobgen_runtime.contract.errors import InvalidJob, JobgenRuntimeError, SchemaError
from jobgen_runtime.contract.states import Cancellation
from jobgen_runtime.control import cancel_job_sync, fetch_kind_status, retry_job_sync
from jobgen_runtime.database import close_pool_sync, pool_sync
from jobgen_runtime.job import Job
from jobgen_runtime.project import activate_project, application_of, load_workers, require_root
from jobgen_runtime.record import JobRecord
from jobgen_runtime.supervisor import JobSelection, select_jobs, validate_jobs

Conn = Connection[Any]
JobClass = type[Job[Any]]


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    options = _parser().parse_args(arguments)
    sys.exit(guarded(lambda: _run(options), "manage-jobs"))


def _run(options: argparse.Namespace) -> int:
    root = require_root(options.root or Path.cwd())
    activate_project(root)
    jobs = select_jobs(
        validate_jobs(load_workers(root)),
        JobSelection(options.jobs),
        lambda module: application_of(module, root),
    )
    with _connection() as conn:
        if options.command in _ABOUT_JOBS:
            return _about_jobs(_ABOUT_JOBS[options.command], conn, jobs[0], options.ids)
        return _about_kinds(_ABOUT_KINDS[options.command], conn, jobs)


@contextmanager
def _connection() -> Iterator[Conn]:
    try:
        with pool_sync().connection() as conn:
            yield conn
    except UndefinedTable as error:
        raise SchemaError(
            f"This database is not ready for the project: {error.diag.message_primary}.",
            hint="Run `jobgen migrate`.",
        ) from error
    except Error as error:
        raise JobgenRuntimeError(f"The database refused: {str(error).strip()}") from error
    finally:
        close_pool_sync()


def _about_jobs(
    order: Callable[[Conn, JobClass, UUID], str], conn: Conn, job: JobClass, ids: Sequence[UUID]
) -> int:
    code = 0
    for job_id in ids:
        try:
            print(f"{job.__name__} {job_id}: {order(conn, job, job_id)}")  # noqa: T201 -- the command's output
        except JobgenRuntimeError as error:
            print(f"manage-jobs: {error}", file=sys.stderr)  # noqa: T201 -- the command's output
            code = 1
    return code


def _about_kinds(
    order: Callable[[Conn, type[JobRecord]], str], conn: Conn, jobs: Sequence[JobClass]
) -> int:
    for job in jobs:
        print(f"{job.__name__}: {order(conn, _record(job))}")  # noqa: T201 -- the command's output
    return 0


def _cancel(conn: Conn, job: JobClass, job_id: UUID) -> str:
    table = _record(job).__table__
    match cancel_job_sync(conn, table, job_id):
        case Cancellation.DONE:
            return "cancelled before it started"
        case Cancellation.REQUESTED if job.is_async() or job.isolation:
            return "it runs, and its worker has been told to end it"
        case Cancellation.REQUESTED:
            return "it runs in a thread, which cannot be ended; it will not be tried again"
        case Cancellation.TOO_LATE:
            raise JobgenRuntimeError(
                f"The job {job_id} of {table.qualified_name} had ended already."
            )


def _retry(conn: Conn, job: JobClass, job_id: UUID) -> str:
    retry_job_sync(conn, _record(job).__table__, job_id)
    return "starts over, with all its attempts"


def _pause(conn: Conn, record: type[JobRecord]) -> str:
    return "paused; what runs goes on" if record.pause_sync(conn) else "was paused already"


def _resume(conn: Conn, record: type[JobRecord]) -> str:
    return "resumed" if record.resume_sync(conn) else "was not paused"


def _status(conn: Conn, record: type[JobRecord]) -> str:
    status = fetch_kind_status(conn, record.__table__)
    workers = "1 worker" if status.workers == 1 else f"{status.workers} workers"
    counts = f"{status.waiting} waiting, {status.running} running, {workers}"
    if status.paused_at is None:
        return counts
    return f"{counts}, paused since {status.paused_at.isoformat(' ', 'seconds')}"


def _record(job: JobClass) -> type[JobRecord]:
    if not issubclass(job.record, JobRecord):
        raise InvalidJob(f"{job.__qualname__} works off no table of jobs.")
    return job.record


_ABOUT_JOBS: Mapping[str, Callable[[Conn, JobClass, UUID], str]] = {
    "cancel": _cancel,
    "retry": _retry,
}
_ABOUT_KINDS: Mapping[str, Callable[[Conn, type[JobRecord]], str]] = {
    "pause": _pause,
    "resume": _resume,
    "status": _status,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage-jobs",
        description="Gives orders to all workers of the project's database. A job is called as its "
        "class, its record or its table: EmailCustomers, EmailCustomersJob, email_customers_jobs.",
    )
    parser.add_argument(
        "-C", "--root", type=Path, metavar="DIR", help="the project (default: the current folder's)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about_jobs = {
        "cancel": "end jobs for good, waiting or running",
        "retry": "start jobs over, with all their attempts",
    }
    about_kinds = {
        "pause": "let no job of the kind start on any worker; what runs goes on",
        "resume": "let jobs of the kind start again",
        "status": "show what waits and runs, on how many workers, and what is paused",
    }
    for name, text in about_jobs.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("jobs", nargs=1, metavar="JOB", help="the kind of job")
        command.add_argument("ids", nargs="+", type=UUID, metavar="ID", help="the job's id")
    for name, text in about_kinds.items():
        command = commands.add_parser(name, help=text, description=text)
        several = "*" if name == "status" else "+"
        command.add_argument("jobs", nargs=several, metavar="JOB", help="the kind of job")
    return parser
