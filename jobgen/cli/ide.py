"""`jobgen ide`: the generator in a browser."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import click

from jobgen.cli import output
from jobgen.ide.address import IDE_PORT, page_address, project_token
from jobgen.ports import free_socket
from jobgen.project import find_project


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=IDE_PORT,
    show_default=True,
    help="The port of the page; if it is taken, the next free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def command(*, port: int, opens: bool) -> None:
    """Serve a page that generates jobs, shows every change first, and undoes it.

    Only this machine can open it, with the token in the address. `jobgen dev` serves it as well.
    Ctrl-C ends it.
    """
    from jobgen.ide.serve import serve

    root = find_project(Path.cwd()).root
    token = project_token(root)
    with free_socket(port) as listening:
        address = page_address(listening, token)
        if listening.getsockname()[1] != port:
            output.line(f"Port {port} is taken.")
        output.line(f"Open {address}")
        output.line("Ctrl-C ends it.")
        sys.stdout.flush()
        if opens:
            webbrowser.open(address)
        serve(root, listening, token)
