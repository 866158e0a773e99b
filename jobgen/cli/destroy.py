"""`jobgen destroy`: takes a job or a script out again."""

from __future__ import annotations

import click

from jobgen.cli.options import RunOptions, run_options

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
    from jobgen.cli.running import run_generator
    from jobgen.generate.plans import destroy_job_plan

    return run_generator(
        lambda project: destroy_job_plan(project, name, app), options, question=_QUESTION
    )


@command.command()
@click.argument("name")
@run_options()
def script(name: str, options: RunOptions) -> int:
    """Delete the script NAME, unless it was edited."""
    from jobgen.cli.running import run_generator
    from jobgen.generate.plans import destroy_script_plan

    return run_generator(
        lambda project: destroy_script_plan(project, name), options, question=_QUESTION
    )
