"""`jobgen dev`: run everything that a project needs while it is written."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from jobgen.dev.console import Console
from jobgen.dev.services import SessionOptions
from jobgen.dev.session import run_session
from jobgen.dev.web import DEFAULT_PORT
from jobgen.project import find_project


@click.command()
@click.option("--web/--no-web", default=True, help="Serve the web application.")
@click.option("--worker/--no-worker", default=True, help="Run the jobs.")
@click.option("--ide/--no-ide", default=True, help="Serve the pages of `jobgen ide`.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port of the web application; if it is taken, the next free one.",
)
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the web application in the browser, or else the IDE page.",
)
def command(*, web: bool, worker: bool, ide: bool, port: int, opens: bool) -> None:
    """Run the database, the web application, the jobs and the IDE page, and follow your changes.

    The database is DATABASE_URL, or else the project's own, which runs as long as this does. When
    Python files are saved, the web application and the worker start again; when Schema.sql is
    saved, the typed records and the database follow. Ctrl-C ends everything.
    """
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    console = Console(sys.stdout, colours=colours and os.environ.get("TERM") != "dumb")
    options = SessionOptions(web, worker, ide, port, webbrowser.open if opens else None)
    run_session(find_project(Path.cwd()), options, console)
