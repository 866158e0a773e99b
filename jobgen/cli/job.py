"""`jobgen job`: a background job."""

from __future__ import annotations

import click

from jobgen.cli.options import RunOptions, run_options


@click.command()
@click.argument("name")
@click.argument("columns", nargs=-1, metavar="[COLUMN:TYPE]...")
@click.option("--app", metavar="APP", help="The application; [tool.jobgen] names the default one.")
@run_options()
def command(name: str, columns: tuple[str, ...], app: str | None, options: RunOptions) -> int:
    """Write the background job NAME: its table, module, registration and record.

    NAME is a job in any spelling: EmailCustomers, email_customers or
    email_customers_jobs. Columns of its own follow, as in

    \b
        jobgen job InitialScrape band:references priority:int note:text?

    where ? allows NULL, and references means the table bands (or band, or
    what =TABLE says).
    """
    from jobgen.cli.running import run_generator
    from jobgen.generate.plans import job_plan

    return run_generator(lambda project: job_plan(project, name, columns, app), options)
