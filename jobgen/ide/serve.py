"""Serve the pages on a socket, in a process of `jobgen ide` or of `jobgen dev`."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import uvicorn

from jobgen.errors import JobgenError
from jobgen.generate.table import find_generator
from jobgen.ide.address import READY, project_token
from jobgen.ide.application import ide_application
from jobgen.ide.parameters import MAX_FORM_BYTES
from jobgen.project import find_project


def serve(root: Path, listening: socket.socket, token: str) -> None:
    """Serve the pages of the project at `root` until a signal ends the process."""
    Thread(target=warm_up, args=(root,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        ide_server(root, token).run(sockets=[listening])


def ide_server(root: Path, token: str) -> uvicorn.Server:
    """Return the server of the pages, not started yet."""
    config = uvicorn.Config(
        ide_application(root, token),
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        # A longer form gets a page that says so.
        h11_max_incomplete_event_size=2 * MAX_FORM_BYTES,
    )
    return uvicorn.Server(config)


def warm_up(root: Path) -> None:
    """Make a plan that is not shown: importing the modules that all plans need takes a second."""
    generator = find_generator("job")
    assert generator is not None  # noqa: S101 -- it is in the table
    with suppress(JobgenError, OSError):  # a page says what is wrong
        generator.make_plan(find_project(root), {"name": "WarmUp"})


def main() -> None:
    """Serve the pages for `jobgen dev`: the arguments are the root and the socket's descriptor."""
    root, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    sys.stdout.write(f"{READY}\n")
    serve(root, socket.socket(fileno=descriptor), project_token(root))


if __name__ == "__main__":
    main()
