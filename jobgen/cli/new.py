"""`jobgen new`: a new application."""

from __future__ import annotations

from pathlib import Path

import click

from jobgen.cli.options import RunOptions, run_options
from jobgen.cli.running import report
from jobgen.generate.new import make_application, new_plan
from jobgen.generate.run import Outcome


@click.command()
@click.argument("name")
@click.option(
    "--layout",
    type=click.Choice(["guide", "pep8"]),
    default="guide",
    help="Names as in the guide (Web/Job/EmailCustomers.py, the default), or in lower case.",
)
@click.option(
    "--runtime",
    metavar="PATH|URL",
    help="Where jobgen-runtime is installed from; else from where it was installed here.",
)
@run_options(conflicts=False)
def command(name: str, layout: str, runtime: str | None, options: RunOptions) -> int:
    """Make the application NAME, in a new folder of that name.

    It runs at once: `make install`, then `make migrate`, `make worker` and
    `make dashboard`.
    """
    parent = Path.cwd()
    plan = new_plan(parent, name, layout, runtime)
    outcome = Outcome(plan) if options.looks else make_application(parent / name, plan)
    return report(outcome, options)
