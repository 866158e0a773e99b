"""`jobgen undo`: reverse the last change."""

from __future__ import annotations

from pathlib import Path

import click

from jobgen.cli import output
from jobgen.cli.options import RunOptions, run_options
from jobgen.cli.report import report
from jobgen.errors import ExitCode
from jobgen.generate.run import apply_given_plan, open_project
from jobgen.generate.undo import read_last_undo
from jobgen.plan.json_format import plan_to_json
from jobgen.plan.model import Plan


@click.command()
@run_options(conflicts=False)
def command(options: RunOptions) -> int:
    """Reverse the last change that jobgen made in the project.

    Run it again to reverse the change before. Nothing is reversed if a file
    was edited since; the file is named. No database is changed: the SQL to
    run there is printed.
    """
    root = open_project(Path.cwd(), writes=not options.is_preview).root
    undo = read_last_undo(root)
    if undo is None:
        if options.as_json:
            output.line(plan_to_json(Plan("undo")))
        else:
            output.line("Nothing to undo.")
        return ExitCode.DONE
    result = apply_given_plan(root, undo.plan, undoes=undo.receipt, dry_run=options.is_preview)
    if not options.as_json:
        issues = result.plan.issues
        state = "Undone" if result.applied else "Not undone" if issues else "To be undone"
        output.line(f"{state}: {undo.command}")
    return report(result, options)
