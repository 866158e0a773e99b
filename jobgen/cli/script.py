"""`jobgen script`: a script for a terminal or cron."""

from __future__ import annotations

import click

from jobgen.cli.options import RunOptions, run_options


@click.command()
@click.argument("name")
@run_options()
def command(name: str, options: RunOptions) -> int:
    """Write the executable script NAME.

    A script called Run<Job>, as RunEmailCustomersJob, creates the record of
    that job; any other prints Hello World.
    """
    from jobgen.cli.running import run_generator
    from jobgen.generate.plans import script_plan

    return run_generator(lambda project: script_plan(project, name), options)
