"""`jobgen undo`: reverses the last change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from jobgen.apply import last_receipt, plan_undo
from jobgen.cli import output
from jobgen.cli.options import RunOptions, run_options
from jobgen.cli.running import report
from jobgen.errors import ExitCode
from jobgen.generate.plans import open_project, undo_steps
from jobgen.generate.run import apply_once
from jobgen.plan.json_format import plan_to_json
from jobgen.plan.model import Plan


@click.command()
@run_options(conflicts=False)
def command(options: RunOptions) -> int:
    """Reverse the last change that jobgen made in the project.

    Once for each change, the last one first. A file that was edited since is
    named, and nothing is undone then. No database is changed: the SQL that
    would is shown.
    """
    root = open_project(Path.cwd(), writes=not options.looks).root
    receipt = last_receipt(root)
    if receipt is None:
        if options.as_json:
            output.line(plan_to_json(Plan("undo")))
        else:
            output.line("Nothing to undo.")
        return ExitCode.DONE
    plan = plan_undo(root, receipt)
    plan = replace(plan, next_steps=undo_steps(receipt.generator, receipt.args))
    outcome = apply_once(root, plan, undoes=receipt, dry_run=options.looks)
    if outcome.applied and not options.as_json:
        output.line(f"Undone: jobgen {receipt.generator} {receipt.args.get('name', '')}".rstrip())
    return report(outcome, options)
