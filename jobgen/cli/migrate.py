"""`jobgen migrate`: update the database to match Schema.sql."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from jobgen.apply import apply_plan
from jobgen.cli import output
from jobgen.errors import ExitCode, UsageError
from jobgen.generate.inputs import (
    database_urls,
    migration_writer,
    model_database_urls,
)
from jobgen.migrate.execution import RUNTIME, migration_lock, run_migration
from jobgen.migrate.foreign_tools import (
    migration_tool_advice,
    model_tables_advice,
    tool_advice,
)
from jobgen.migrate.json_format import migration_json
from jobgen.migrate.migration import Migration
from jobgen.migrate.migration_files import check_name, plan_files
from jobgen.migrate.planner import Planner
from jobgen.migrate.schema_file import read_schema_file
from jobgen.migrate.script import report_text, script, steps_text
from jobgen.migrate.target import Connection, Target, connected, find_target
from jobgen.migrate.tool_migrations import plan_tool_files
from jobgen.project import Project, find_project

_ATTRIBUTES = ("owners", "grants", "comments")


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of the command, as the user gave them."""

    dry_run: bool
    check: bool
    write: str | None
    as_json: bool
    yes: bool
    with_drops: bool
    upgrade: str | None
    """The command of Alembic or Django that changes the database; None if this one does."""

    @property
    def read_only(self) -> bool:
        return self.dry_run or self.check or self.write is not None or self.upgrade is not None


@click.command()
@click.option("--dry-run", is_flag=True, help="Print the SQL and change nothing.")
@click.option("--check", is_flag=True, help="Change nothing; exit code 3 if the database differs.")
@click.option("--write", metavar="NAME", help="Write the SQL to a migration file instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.option("--yes", is_flag=True, help="Do not ask before changing the database.")
@click.option("--yes-block", is_flag=True, help="Also rewrite and lock tables with many rows.")
@click.option("--with-drops", is_flag=True, help="Show the SQL that drops what is not in the file.")
@click.option("--also", metavar="LIST", default="", help="Compare also owners, grants, comments.")
def command(
    *,
    dry_run: bool,
    check: bool,
    write: str | None,
    as_json: bool,
    yes: bool,
    yes_block: bool,
    with_drops: bool,
    also: str,
) -> None:
    """Update the database to match Schema.sql.

    The database is DATABASE_URL, or else the project's own. What is missing is added.
    Everything else that differs is shown for you to decide; the exit code is then 3.

    In a project whose tables are models of SQLAlchemy or Django, it changes nothing:
    `alembic upgrade head` or `manage.py migrate` does, and --write writes their migrations.
    """
    if sum((dry_run, check, write is not None)) > 1:
        raise UsageError("--dry-run, --check and --write exclude each other.")
    name = None if write is None else check_name(write)
    project = find_project(Path.cwd())
    upgrade = project.upgrade_command
    options = _Options(dry_run, check, name, as_json, yes, with_drops, upgrade)
    planner = Planner(
        project.root,
        others_own_tables=project.schema_source == "database",
        also=_also(also),
        may_block=yes_block,
        read_only=options.read_only,
    )
    schema_file = read_schema_file(project.root, project.schema_path)
    with ExitStack() as stack:
        may_start = not options.read_only
        settings_url = _settings_url(project)
        target = stack.enter_context(
            find_target(project.root, may_start=may_start, settings_url=settings_url)
        )
        output.note(f"Database: {target.label}")
        conn = stack.enter_context(connected(target.url))
        if not options.read_only:
            stack.enter_context(migration_lock(conn, output.note))
        migration = planner.plan(conn, target.url, schema_file)
        for note in migration.notes:
            output.note(note)
        if options.write is not None:
            _write(project, options.write, migration, options, conn)
        elif options.read_only:
            _show(migration, options)
        else:
            _migrate(conn, target, migration, options)
    if not check and not migration.is_empty and (advice := _advice(project, options)):
        output.note(advice)
    if project.schema_source == "file":
        models_advice = model_tables_advice(project.root, migration.reports)
        if models_advice is not None:
            output.note(models_advice)
    is_pending = upgrade is not None and not (dry_run or write or migration.is_empty)
    if migration.is_incomplete or is_pending or (check and migration.is_difference):
        raise SystemExit(ExitCode.PENDING)


def _settings_url(project: Project) -> str | None:
    """Return the address of Django's settings; None if something else says which database it is."""
    others = database_urls(project.root)
    return next((url for url in model_database_urls(project) if url not in others), None)


def _advice(project: Project, options: _Options) -> str | None:
    if options.upgrade is None:
        return migration_tool_advice(project.root)
    if options.write is not None:
        return f"Update the database: {options.upgrade}"
    return tool_advice(project.root, options.upgrade)


def _also(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := names - set(_ATTRIBUTES):
        raise UsageError(
            f"--also does not know {', '.join(sorted(unknown))}.",
            hint=f"It takes any of {', '.join(_ATTRIBUTES)}, separated by commas.",
        )
    return names


def _nothing_to_do(migration: Migration, *, with_drops: bool) -> str:
    if migration.is_incomplete:
        return "Nothing can be added: see what is left for you to decide."
    if migration.is_difference:
        more = "" if with_drops else " --with-drops shows the SQL that drops it."
        return f"Nothing to add: the database has everything in Schema.sql, and more.{more}"
    return f"Nothing to do: the database has everything in Schema.sql.{_limits(migration)}"


def _limits(migration: Migration) -> str:
    """Return a sentence about what is not compared."""
    *others, last = migration.not_compared
    return f" Not compared: {', '.join(others)}{' and ' if others else ''}{last}."


def _show(migration: Migration, options: _Options) -> None:
    if options.as_json:
        output.line(migration_json(migration, applied=False))
    elif options.dry_run:
        if text := script(migration, with_drops=options.with_drops):
            output.line(text.rstrip("\n"))
        else:
            output.note(_nothing_to_do(migration, with_drops=options.with_drops))
    else:
        output.line(
            _nothing_to_do(migration, with_drops=options.with_drops)
            if migration.is_empty
            else _summary(migration)
        )
        _print_reports(migration, options)


def _write(
    project: Project, name: str, migration: Migration, options: _Options, conn: Connection
) -> None:
    write = migration_writer(project)
    if write is not None:
        plan = plan_tool_files(name, migration, write, conn, options.upgrade or "")
    else:
        now = datetime.now(tz=UTC)
        plan = plan_files(project.root, project.migrations_path, name, migration, now)
    apply_plan(project.root, plan)
    if options.as_json:
        files = [str(change.path) for change in plan.changes]
        output.line(migration_json(migration, applied=False, files=files))
        return
    for change in plan.changes:
        output.line(f"create  {change.path}")
    if not plan.changes:
        output.line("Nothing to write.")
    _print_reports(migration, options)


def _migrate(conn: Connection, target: Target, migration: Migration, options: _Options) -> None:
    done: Callable[[str], None] = output.note if options.as_json else output.line
    if migration.is_empty:
        if not options.as_json:
            output.line(_nothing_to_do(migration, with_drops=options.with_drops))
    else:
        if not options.as_json:
            output.line(_overview(migration))
        if not options.yes and "DATABASE_URL" in target.label and sys.stdin.isatty():
            click.confirm(f"Run this on {target.label}?", default=True, abort=True, err=True)
        run_migration(
            conn, target.url, migration, lambda what: done(f"done    {what}"), output.note
        )
    if options.as_json:
        output.line(migration_json(migration, applied=True))
    else:
        _print_reports(migration, options)


def _overview(migration: Migration) -> str:
    """Return the SQL that is about to run, with only the name of the runtime's schema."""
    head = "-- The runtime's own schema (RuntimeSchema.sql)\n" if migration.runtime else ""
    return head + steps_text(migration)


def _summary(migration: Migration) -> str:
    return "To add:\n" + "\n".join(f"  {what}" for what in _pending(migration))


def _pending(migration: Migration) -> list[str]:
    runtime = [RUNTIME] if migration.runtime else []
    whole = [f"everything in {migration.whole.path}"] if migration.whole else []
    return [*runtime, *whole, *(step.what for step in migration.steps)]


def _print_reports(migration: Migration, options: _Options) -> None:
    if migration.reports:
        text = report_text(migration.reports, with_drops=options.with_drops)
        output.note(f"{text.rstrip()}\n--{_limits(migration)}")
