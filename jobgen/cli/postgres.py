"""`jobgen postgres`: the project's own server."""

from __future__ import annotations

import os
from pathlib import Path

import click
from jobgen_runtime.project import environment_database_url

from jobgen.cli import output
from jobgen.errors import ExitCode, JobgenError
from jobgen.postgres import Server, address_parts, client_arguments
from jobgen.project import find_project


@click.group()
def command() -> None:
    """Start, stop and inspect the project's own PostgreSQL."""


@command.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Also listen on this TCP port of the loopback interface, with a password.",
)
def start(port: int | None) -> None:
    """Start the server; the first start creates the database.

    It listens on a socket that only your user can reach. Its address is in
    .jobgen/database_url, where run-jobs and run-script find it.
    """
    server = _server()
    url = server.start(port)
    output.line(f"PostgreSQL runs: {url}")
    if tcp_url := server.status().tcp_url:
        output.line(f"over TCP:        {tcp_url}")


@command.command()
def stop() -> None:
    """Stop the server and keep its data."""
    output.line("PostgreSQL stopped." if _server().stop() else "PostgreSQL was not running.")


@command.command()
def status() -> None:
    """Show whether the server runs, and where. Exit code 3 if it does not."""
    found = _server().status()
    if not found.running:
        output.line("PostgreSQL is not running. Start it with `jobgen postgres start`.")
    for name, value in (
        ("address", found.url),
        ("over TCP", found.tcp_url),
        ("process", found.pid),
        ("data", found.data),
        ("log", found.log if found.data else None),
    ):
        if value is not None:
            output.line(f"{name + ':':<10} {value}")
    if not found.running:
        raise SystemExit(ExitCode.PENDING)


@command.command()
def url() -> None:
    """Print the address of the database that jobgen uses, for other programs.

    That is DATABASE_URL, or else the project's own database. The address may have a password.
    """
    output.line(_used_url(environment_database_url(), _server()))


@command.command(context_settings={"ignore_unknown_options": True})
@click.option("--own", is_flag=True, help="Use the project's own server even with DATABASE_URL.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(own: bool, arguments: tuple[str, ...]) -> None:
    """Open psql on the database that jobgen uses; ARGUMENTS go to psql.

    That is DATABASE_URL, or else the project's own database.
    """
    # Imported here because the driver is slow to import, and the other commands do without it.
    from jobgen.migrate.target import given_label, own_label

    server = _server()
    given = None if own else environment_database_url()
    address = _used_url(given, server)
    output.note(f"Database: {given_label(address) if given else own_label(address)}")
    program = server.program("psql")
    database, environment = client_arguments(address)
    # psql gets the terminal, the signals and the exit code.
    os.execve(program, [str(program), database, *arguments], environment)  # noqa: S606 -- no shell is needed


def _used_url(given: str | None, server: Server) -> str:
    """Return the given address, or else that of the project's own server.

    Raises:
        JobgenError: The given address is invalid, or there is none and the server does not run.
    """
    if given:
        address_parts(given)
    address = given or server.status().url
    if address is None:
        raise JobgenError(
            "PostgreSQL is not running.", hint="Start it with `jobgen postgres start`."
        )
    return address


def _server() -> Server:
    return Server(find_project(Path.cwd()).root)
