"""`jobgen check`: find everything in the project that is inconsistent."""

from __future__ import annotations

from pathlib import Path

import click

from jobgen.apply import apply_plan
from jobgen.check.files import FileCheck
from jobgen.check.finding import Finding
from jobgen.check.formats import FORMATS
from jobgen.check.project import check_project_files, check_surroundings
from jobgen.cli import output
from jobgen.cli.report import show_changes
from jobgen.errors import ConflictError, ExitCode
from jobgen.generate.run import open_project
from jobgen.project import Project

_ATTEMPTS = 5


@click.command()
@click.option("--fix", is_flag=True, help="Fix what can be fixed without your decision.")
@click.option("--diff", is_flag=True, help="With --fix: show the changes as a unified diff.")
@click.option(
    "--dry-run", is_flag=True, help="With --fix: show what would be changed, and write nothing."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--no-database", is_flag=True, help="Check the files only.")
def command(*, fix: bool, diff: bool, dry_run: bool, form: str, no_database: bool) -> ExitCode:
    """Find everything in the project that is inconsistent. Exit code 3 if anything is.

    It checks that jobs are registered, and registered jobs exist; that the typed records match
    Schema.sql; that jobs' tables are complete; that the database matches Schema.sql, if one runs;
    and the version of jobgen-runtime.
    """
    project = open_project(Path.cwd(), writes=fix and not dry_run)
    check = _fixed(project, diff=diff, dry_run=dry_run) if fix else check_project_files(project)
    others, not_checked = check_surroundings(project, with_database=not no_database)
    for text in not_checked:
        output.note(text)
    findings = [*check.findings, *others]
    if text := FORMATS[form](findings):
        output.line(text)
    if form == "text":
        output.note(_summary(findings))
    return ExitCode.PENDING if findings else ExitCode.DONE


def _fixed(project: Project, *, diff: bool, dry_run: bool) -> FileCheck:
    """Apply the plan of the check, and check again."""
    for remaining in reversed(range(_ATTEMPTS)):
        check = check_project_files(project)
        if not check.plan.pending:
            return check
        try:
            if not dry_run:
                apply_plan(project.root, check.plan)
        except ConflictError:
            if not remaining:
                raise
            continue
        show_changes(check.plan, diff=diff)
        if dry_run:
            return check
    return check


def _summary(findings: list[Finding]) -> str:
    if not findings:
        return "No problems found."
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    fixable = sum(finding.is_fixable for finding in findings)
    return f"{count}; `jobgen check --fix` fixes {fixable}." if fixable else f"{count}."
