"""`manage-jobs schedules` and `manage-jobs schedule …`: list and change schedules."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from psycopg import Connection

from jobgen_runtime.contract.errors import UnknownName
from jobgen_runtime.control import (
    ScheduleStatus,
    add_schedule_sync,
    fetch_schedules_sync,
    pause_schedule_sync,
    remove_schedule_sync,
    resume_schedule_sync,
    run_schedule_now_sync,
)
from jobgen_runtime.control.schedules import MAX_SCHEDULES
from jobgen_runtime.schedule import CatchUp
from jobgen_runtime.schedule.expressions import describe_rule, read_schedule
from jobgen_runtime.table import Table

Conn = Connection[Any]
FindTables = Callable[[Sequence[str]], Mapping[str, Table]]
"""Returns the tables of the named kinds of job by the name of their class, those of all if none is
named; raises UnknownName."""


def add_schedule_parsers(commands: Any) -> None:
    """Add the commands to the parser of `manage-jobs`.

    Args:
        commands: The result of `add_subparsers`.
    """
    text = "show the schedules with their last and next ticks, also of kinds whose class is gone"
    _add_list(commands, "schedules", text)
    text = "list, add, pause, resume, run or remove schedules"
    schedule = commands.add_parser("schedule", help=text, description=text)
    actions = schedule.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_list(actions, "list", "the same as `manage-jobs schedules`")
    text = "add a schedule; running workers meet it at once"
    add = _add_action(actions, "add", text)
    add.add_argument(
        "expression",
        metavar="EXPRESSION",
        help="a cron expression of five fields in quotes, @daily or the like, or '@every 1h30m'",
    )
    add.add_argument(
        "--timezone",
        default="UTC",
        metavar="ZONE",
        help="the time zone of a cron expression, such as Europe/Berlin (default: %(default)s)",
    )
    add.add_argument(
        "--values",
        default="{}",
        metavar="JSON",
        help="""the values of the job's columns, as in '{"band": 7}'""",
    )
    add.add_argument(
        "--catch-up",
        choices=get_args(CatchUp),
        default="latest",
        help="which missed ticks insert a job (default: %(default)s)",
    )
    add.add_argument(
        "--catch-up-limit",
        type=int,
        default=100,
        metavar="N",
        help="with --catch-up all: how many of them, at most (default: %(default)s)",
    )
    for name, text in {
        "pause": "insert no jobs until it is resumed",
        "resume": "insert jobs again; ticks of the pause are not caught up",
        "run-now": "insert a job now; the next tick stays as it is",
        "remove": "delete a schedule that is in no running code",
    }.items():
        _add_action(actions, name, text)


def run_schedule_command(options: argparse.Namespace, conn: Conn, find_tables: FindTables) -> int:
    """Run `schedules` or `schedule` and return the exit code.

    Raises:
        JobgenRuntimeError: An argument is wrong, or there is no such schedule.
    """
    if options.command == "schedules" or options.action == "list":
        _print_list(conn, options.jobs, find_tables)
        return 0
    if options.action == "add":
        [(kind, table)] = find_tables([options.job]).items()
        done = _add(conn, table, options)
    else:
        kind, table = _find(conn, options.job, find_tables)
        done = _ACTIONS[options.action](conn, table, options.name)
    print(f"{kind} {options.name}: {done}")  # noqa: T201 -- the command's output
    return 0


def describe_schedule(schedule: ScheduleStatus, kind: str) -> str:
    """Return a schedule's rule, ticks and problem, on one line or more."""
    parts = [f"{kind} {schedule.name}: {describe_rule(schedule.expression, schedule.timezone)}"]
    if schedule.paused_at is not None:
        parts.append(f"paused since {_time(schedule.paused_at)}")
    elif schedule.is_never_due:
        parts.append("never due")
    else:
        parts.append(f"next {_time(schedule.next_at) if schedule.next_at else 'to be computed'}")
    parts.append(f"last {_time(schedule.last_at) if schedule.last_at else 'never'}")
    parts.append("in the code" if schedule.source == "code" else "added by an operator")
    line = _printable(", ".join(parts))
    problem = schedule.problem
    return line if problem is None else f"{line}\n    {_printable(' '.join(problem.split()))}"


def _printable(text: str) -> str:
    """Return a text of a row without what a terminal would obey."""
    return "".join(char if char.isprintable() else "�" for char in text)


def _add_list(commands: Any, name: str, text: str) -> None:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("jobs", nargs="*", metavar="JOB", help="the kind of job (default: all)")


def _add_action(actions: Any, name: str, text: str) -> Any:
    action = actions.add_parser(name, help=text, description=text)
    action.add_argument("job", metavar="JOB", help="the kind of job, or its table")
    action.add_argument("name", metavar="NAME", help="the schedule's name")
    return action


def _print_list(conn: Conn, jobs: Sequence[str], find_tables: FindTables) -> None:
    tables = find_tables(jobs)
    found = fetch_schedules_sync(conn, list(tables.values()) if jobs else None)
    kinds = {table.name: kind for kind, table in tables.items()}
    for schedule in found:
        table = schedule.table
        kind = "a dropped table" if table is None else table.qualified_name
        print(describe_schedule(schedule, kinds.get(schedule.table_name or "", kind)))  # noqa: T201 -- the command's output
    if not found:
        print("There are no schedules.")  # noqa: T201 -- the command's output
    elif len(found) == MAX_SCHEDULES:
        print(f"Only the first {MAX_SCHEDULES:,} are listed.")  # noqa: T201 -- the command's output


def _find(conn: Conn, job: str, find_tables: FindTables) -> tuple[str, Table]:
    """Return the name and the table of a kind; also of one whose class is gone, by its table."""
    try:
        [(kind, table)] = find_tables([job]).items()
    except UnknownName:
        for schedule in fetch_schedules_sync(conn):
            found = schedule.table
            if found is not None and job in (found.name, f"{schedule.schema}.{found.name}"):
                return found.qualified_name, found
        raise
    return kind, table


def _add(conn: Conn, table: Table, options: argparse.Namespace) -> str:
    settings = {
        "name": options.name,
        "catch_up": options.catch_up,
        "catch_up_limit": options.catch_up_limit,
    }
    schedule = read_schedule(options.expression, options.timezone, settings)
    add_schedule_sync(conn, table, schedule, options.values)
    return "added"


def _pause(conn: Conn, table: Table, name: str) -> str:
    return "paused" if pause_schedule_sync(conn, table, name) else "already paused"


def _resume(conn: Conn, table: Table, name: str) -> str:
    return "resumed" if resume_schedule_sync(conn, table, name) else "was not paused"


def _run_now(conn: Conn, table: Table, name: str) -> str:
    job = run_schedule_now_sync(conn, table, name)
    return "a trigger suppressed the job" if job is None else f"inserted the job {job}"


def _remove(conn: Conn, table: Table, name: str) -> str:
    remove_schedule_sync(conn, table, name)
    return "removed"


_ACTIONS: Mapping[str, Callable[[Conn, Table, str], str]] = {
    "pause": _pause,
    "resume": _resume,
    "run-now": _run_now,
    "remove": _remove,
}


def _time(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")
