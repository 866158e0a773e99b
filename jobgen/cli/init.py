"""`jobgen init`: jobs for an application that is there already."""

from __future__ import annotations

from pathlib import Path

import click

from jobgen.cli.options import RunOptions, run_options
from jobgen.cli.running import run_in
from jobgen.generate.init import init_plan


@click.command()
@click.option(
    "--layout",
    type=click.Choice(["guide", "pep8"]),
    help="Names as in the guide (Web/Job/EmailCustomers.py, the default), or in lower case.",
)
@click.option(
    "--app", metavar="NAME", help="The application that jobs belong to; else Web, or your package."
)
@run_options(conflicts=False)
def command(layout: str | None, app: str | None, options: RunOptions) -> int:
    """Add jobs to the application in this folder.

    What is missing is written; of what is there, only pyproject.toml gets a
    table at its end. What is left for you to do is said.
    """
    root = Path.cwd()
    return run_in(root, lambda: init_plan(root, layout, app), options)
