"""Check the database against Schema.sql, if there is one that answers."""

from __future__ import annotations

from jobgen.check.finding import Finding, Rule
from jobgen.migrate.migration import Migration
from jobgen.migrate.planner import Planner
from jobgen.migrate.schema_file import read_schema_file
from jobgen.migrate.target import connected
from jobgen.project import Project


def check_database(project: Project, url: str) -> list[Finding]:
    """Return what differs between the database at `url` and Schema.sql; change nothing.

    Raises:
        JobgenError: The database does not answer, or Schema.sql has an error.
    """
    schema_file = read_schema_file(project.root, project.schema_path)
    planner = Planner(
        project.root,
        others_own_tables=project.schema_source == "database",
        read_only=True,
    )
    with connected(url) as conn:
        migration = planner.plan(conn, url, schema_file)
    return [*_additions(project, migration), *_reports(project, migration)]


def _additions(project: Project, migration: Migration) -> list[Finding]:
    missing = [step.what for step in migration.steps]
    if migration.whole is not None:
        missing = [f"everything in {migration.whole.path}"]
    if migration.runtime is not None:
        missing.insert(0, "the runtime's own schema")
    return [
        Finding(
            Rule.DATABASE_DIFFERS,
            f"The database does not have {what}.",
            path=project.schema_path,
            hint=f"Run `{project.upgrade_command or 'jobgen migrate'}`.",
        )
        for what in missing
    ]


def _reports(project: Project, migration: Migration) -> list[Finding]:
    return [
        Finding(
            Rule.DATABASE_DIFFERS,
            f"{report.what[:1].upper()}{report.what[1:]}: {report.reason}.",
            path=project.schema_path,
            hint="`jobgen migrate --check` shows both texts."
            if report.missing
            else "`jobgen migrate --with-drops` shows the SQL that drops it.",
        )
        for report in migration.reports
        if not report.is_harmless
    ]
