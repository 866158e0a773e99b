"""`jobs-dashboard`: the dashboard of a database, without an application to mount it in."""

from __future__ import annotations

import argparse
import gc
import ipaddress
import logging
import os
import socket
import sys
from collections.abc import Sequence

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.dashboard.access.auth import AuthenticationMethod, BasicAuth, NoAuth
from jobgen_runtime.dashboard.app import JobsDashboard
from jobgen_runtime.database.address import database_url, parse_url

USER, PASSWORD = "JOBS_USER", "JOBS_PASSWORD"


class WrongUsage(Exception):
    """The options do not go together; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the dashboard until a signal ends it; `arguments` are the command line's if None."""
    options = _build_parser().parse_args(arguments)
    # Lines such as those about changes and failed logins need the time.
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    try:
        dashboard = standalone_dashboard(options)
        # Otherwise each page would have to say so.
        parse_url(database_url())
        listening = _listen(options.host, options.port)
        _serve(dashboard, listening)
    except WrongUsage as error:
        _fail(str(error), 2)
    except JobgenRuntimeError as error:
        _fail(str(error), 1)


def standalone_dashboard(options: argparse.Namespace) -> JobsDashboard:
    """Return the dashboard that the options describe.

    Raises:
        WrongUsage: It would be open to everyone, or closed to everyone.
        ValueError: An option is invalid.
    """
    auth: AuthenticationMethod = BasicAuth(USER, PASSWORD)
    if options.no_auth:
        if not _is_loopback(options.host) and not options.allowed_host:
            raise WrongUsage(
                f"Anybody who reaches {options.host or 'this machine'} could use a dashboard "
                f"without a password. Leave out --no-auth and set {USER} and {PASSWORD}, or listen "
                "on 127.0.0.1. If something else protects it, name its host: --allowed-host "
                "jobs.example.com."
            )
        auth = NoAuth()
    elif not (os.environ.get(USER) and os.environ.get(PASSWORD)):
        raise WrongUsage(
            f"Set {USER} and {PASSWORD} to a user name and a password. On your own machine, "
            "--no-auth does without."
        )
    try:
        return JobsDashboard(
            auth=auth, allowed_hosts=options.allowed_host or None, read_only=options.read_only
        )
    except ValueError as error:
        raise WrongUsage(str(error)) from error


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jobs-dashboard",
        description="Serve the dashboard of the database in DATABASE_URL, or of the project's own "
        f"server. It asks for the user name and password in {USER} and {PASSWORD}.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="listen here (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, help="default: 8000; 0: any free one")
    parser.add_argument("--read-only", action="store_true", help="disable all changes")
    parser.add_argument("--no-auth", action="store_true", help="ask for no password")
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="HOST",
        help="answer for this host, such as jobs.example.com or .example.com (repeatable; default: "
        "any host, with --no-auth the names of this machine)",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"A port is a number from 0 to 65535, not {text!r}.")
    return int(text)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise JobgenRuntimeError(f"Cannot listen on {host}, port {port}: {error}.") from error


def _serve(dashboard: JobsDashboard, listening: socket.socket) -> None:
    try:
        import uvicorn
    except ImportError as error:
        raise JobgenRuntimeError(
            "jobs-dashboard needs uvicorn.", hint="Install it: pip install uvicorn"
        ) from error
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"The dashboard is at http://{shown}:{port}/", flush=True)  # noqa: T201 -- the output
    config = uvicorn.Config(dashboard, log_level="warning", timeout_graceful_shutdown=5)
    # What is imported stays until the end: collections need not look at it while a page waits.
    gc.freeze()
    uvicorn.Server(config).run(sockets=[listening])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fail(message: str, code: int) -> None:
    print(f"jobs-dashboard: {message}", file=sys.stderr)  # noqa: T201 -- the command's output
    sys.exit(code)
