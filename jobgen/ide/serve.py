"""Serve the pages on a socket, in a process of `jobgen ide` or of `jobgen dev`."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn

from jobgen.ide.address import project_token
from jobgen.ide.application import ide_application
from jobgen.ide.parameters import MAX_FORM_BYTES


def serve(root: Path, listening: socket.socket, token: str) -> None:
    """Serve the pages of the project at `root` until a signal ends the process."""
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
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def main() -> None:
    """Serve the pages for `jobgen dev`: the arguments are the root and the socket's descriptor."""
    root, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    serve(root, socket.socket(fileno=descriptor), project_token(root))


if __name__ == "__main__":
    main()
