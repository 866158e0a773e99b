"""`jobgen migrate`: update the database to match Schema.sql."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click

from jobgen.apply import apply_plan
from jobgen.cli import output
from jobgen.errors import ExitCode, UsageError
from jobgen.migrate.execution import migration_lock, run_migration
from jobgen.migrate.foreign_tools import migration_tool_advice
from jobgen.migrate.migration import Migration, plan_migration
from jobgen.migrate.migration_files import check_name, plan_files
from jobgen.migrate.schema_file import SchemaFile, read_schema_file
from jobgen.migrate.script import report_text, script, statements
from jobgen.migrate.snapshot import Connection
from jobgen.migrate.target import Target, connected, find_target
from jobgen.project import Project, find_project


@click.command()
@click.option("--dry-run", is_flag=True, help="Print the SQL and change nothing.")
@click.option("--check", is_flag=True, help="Change nothing; exit code 3 if the database differs.")
@click.option("--write", metavar="NAME", help="Write the SQL to a migration file instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.option("--yes", is_flag=True, help="Do not ask before changing the database.")
def command(dry_run: bool, check: bool, write: str | None, as_json: bool, yes: bool) -> None:
    """Update the database to match Schema.sql.

    The database is DATABASE_URL, or else the project's own. Additive changes are applied.
    Drops and alterations are reported, with their SQL, for you to run; the exit code is
    then 3.
    """
    if sum((dry_run, check, write is not None)) > 1:
        raise UsageError("--dry-run, --check and --write exclude each other.")
    name = None if write is None else check_name(write)
    project = find_project(Path.cwd())
    schema_file = read_schema_file(project.root, project.schema_path)
    with ExitStack() as stack:
        read_only = dry_run or check or write is not None
        target = stack.enter_context(find_target(project.root, may_start=not read_only))
        output.note(f"Database: {target.label}")
        conn = stack.enter_context(connected(target.url))
        if not read_only:
            stack.enter_context(migration_lock(conn, output.note))
        migration = _plan(conn, target, project, schema_file)
        if name is not None:
            _write(project, name, migration, as_json=as_json)
        elif read_only:
            _show(migration, dry_run=dry_run, as_json=as_json)
        else:
            _migrate(conn, target, migration, yes=yes, as_json=as_json)
    if not check and (advice := migration_tool_advice(project.root)) and not migration.is_empty:
        output.note(advice)
    if migration.comparison.missing or (check and not migration.is_empty):
        raise SystemExit(ExitCode.PENDING)


def _plan(conn: Connection, target: Target, project: Project, schema_file: SchemaFile) -> Migration:
    return plan_migration(
        conn,
        target.url,
        schema_file,
        others_own_tables=project.schema_source == "database",
        note=output.note,
    )


def _show(migration: Migration, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        output.line(_json(migration, applied=False))
    elif dry_run:
        if text := script(migration):
            output.line(text.rstrip("\n"))
        else:
            output.note("Nothing to do: the database has everything in Schema.sql.")
    elif migration.is_empty:
        output.line("Nothing to do: the database has everything in Schema.sql.")
        _print_reports(migration)
    else:
        output.line(_summary(migration))
        _print_reports(migration)


def _write(project: Project, name: str, migration: Migration, *, as_json: bool) -> None:
    plan = plan_files(project.root, project.migrations_path, name, migration, datetime.now(tz=UTC))
    apply_plan(project.root, plan)
    if as_json:
        files = [str(change.path) for change in plan.changes]
        output.line(_json(migration, applied=False, files=files))
        return
    for change in plan.changes:
        output.line(f"create  {change.path}")
    if not plan.changes:
        output.line("Nothing to write.")
    _print_reports(migration)


def _migrate(
    conn: Connection, target: Target, migration: Migration, *, yes: bool, as_json: bool
) -> None:
    done: Callable[[str], None] = output.note if as_json else output.line
    if migration.is_empty:
        if not as_json:
            output.line("Nothing to do: the database has everything in Schema.sql.")
    else:
        if not as_json:
            output.line(_overview(migration))
        if not yes and "DATABASE_URL" in target.label and sys.stdin.isatty():
            click.confirm(f"Run this on {target.label}?", default=True, abort=True, err=True)
        run_migration(
            conn, target.url, migration, lambda what: done(f"done    {what}"), output.note
        )
    if as_json:
        output.line(_json(migration, applied=True))
    else:
        _print_reports(migration)


def _overview(migration: Migration) -> str:
    """Return the SQL that is about to run, with only the name of the runtime's schema."""
    head = "-- The runtime's own schema (RuntimeSchema.sql)\n" if migration.runtime else ""
    return head + statements(migration.comparison.additions)


def _summary(migration: Migration) -> str:
    pending = ["the runtime's own schema"] if migration.runtime else []
    pending += [difference.what for difference in migration.comparison.additions]
    return "To add:\n" + "\n".join(f"  {what}" for what in pending)


def _print_reports(migration: Migration) -> None:
    if migration.comparison.reports:
        output.note(report_text(migration.comparison.reports).rstrip("\n"))


def _json(migration: Migration, *, applied: bool, files: list[str] | None = None) -> str:
    comparison = migration.comparison
    additions: list[dict[str, object]] = [
        {"what": found.what, "phase": found.phase.name.lower(), "sql": list(found.sql)}
        for found in comparison.additions
    ]
    if migration.runtime:
        runtime = {"what": "the runtime's own schema", "phase": "runtime"}
        additions.insert(0, {**runtime, "sql": [migration.runtime]})
    reports = [
        {"what": r.what, "reason": r.reason, "sql": list(r.sql), "missing": r.missing}
        for r in comparison.reports
    ]
    document: dict[str, object] = {"version": 1, "applied": applied}
    document |= {"additions": additions, "reports": reports}
    if files is not None:
        document["files"] = files
    return json.dumps(document, indent=2, ensure_ascii=False)
