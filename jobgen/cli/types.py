"""`jobgen types`: the typed records in step with Schema.sql."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from jobgen.cli import output
from jobgen.cli.options import RunOptions, run_options
from jobgen.errors import ExitCode

if TYPE_CHECKING:
    from jobgen.plan.model import Plan
    from jobgen.project import Project


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 3 where it is out of step.")
@run_options()
def command(check: bool, options: RunOptions) -> int:
    """Bring the typed records into step with Schema.sql, for every table in it."""
    from jobgen.cli.running import run_generator
    from jobgen.generate.plans import types_plan

    if not check:
        return run_generator(types_plan, options)
    pending: list[bool] = []

    def look(project: Project) -> Plan:
        plan = types_plan(project)
        pending.append(bool(plan.pending))
        return plan

    code = run_generator(look, replace(options, dry_run=True))
    if code is ExitCode.DONE and any(pending):
        output.note("The records are out of step with Schema.sql. Bring them up: jobgen types")
        return ExitCode.PENDING
    return code
