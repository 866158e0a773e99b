"""`jobgen mcp`: the generators as tools for coding agents."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from jobgen.cli import output
from jobgen.errors import JobgenError
from jobgen.project import find_project


@click.command()
@click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    metavar="FOLDER",
    help="The project's folder; by default, the current one.",
)
def command(*, folder: Path) -> None:
    """Serve the generators to a coding agent, by the Model Context Protocol.

    The agent's program starts this command, and speaks to it over standard input and output.
    It needs the extra: pip install "jobgen[mcp]".
    """
    root = find_project(folder).root
    try:
        from jobgen.mcp.server import serve
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "mcp_types", "pydantic"}:
            raise
        raise JobgenError(
            "The package mcp is not installed, or is older than version 2.",
            hint='Install it where jobgen is: pip install "jobgen[mcp]"',
        ) from None
    if sys.stdin.isatty():
        output.note("Waiting for a coding agent on standard input; Ctrl-C ends this.")
    serve(root)
