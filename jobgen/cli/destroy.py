"""`jobgen destroy`: takes a job or a script out again."""

from __future__ import annotations

import click

from jobgen.cli.options import RunOptions, run_options
from jobgen.cli.running import run_generator
from jobgen.generate.plans import destroy_job_plan, destroy_script_plan

_QUESTION = "Take all of this out?"


@click.group()
def command() -> None:
    """Take a job or a script out again."""


@command.command()
@click.argument("name")
@click.option("--app", metavar="APP", help="The application, where several have the job.")
@run_options()
def job(name: str, app: str | None, options: RunOptions) -> int:
    """Take the job NAME out: table, module, registration and record.

    What was edited since is kept and named. No database is changed: the SQL
    that would is shown.
    """
    return run_generator(
        lambda project: destroy_job_plan(project, name, app), options, question=_QUESTION
    )


@command.command()
@click.argument("name")
@run_options()
def script(name: str, options: RunOptions) -> int:
    """Delete the script NAME, unless it was edited."""
    return run_generator(
        lambda project: destroy_script_plan(project, name), options, question=_QUESTION
    )
