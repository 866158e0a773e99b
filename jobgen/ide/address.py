"""The address that opens the pages of a project, with its token."""

from __future__ import annotations

import os
import re
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from jobgen.apply.state import StateFolder
from jobgen.errors import JobgenError

IDE_PORT = 8001
"""The port of the pages; if it is taken, the next free one."""

READY = "ready"
"""The line by which a process says that it is about to answer."""

_FILE = "ide_token"
_TOKEN = re.compile(r"[\w-]{32,}", re.ASCII)


def project_token(root: Path) -> str:
    """Return the token of the project at `root`, made at its first use.

    It is kept in a file that only the user can read, so that an open browser is still known after a
    restart. In a project that cannot be written to, each call returns a new token.
    """
    path = StateFolder(root).folder / _FILE
    with suppress(OSError, UnicodeDecodeError):
        kept = path.read_text().strip()
        if _TOKEN.fullmatch(kept) and path.stat().st_mode & 0o077 == 0:
            return kept
    token = secrets.token_urlsafe(24)
    with suppress(OSError, JobgenError):
        StateFolder(root).prepare()
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, f"{token}\n".encode())
        os.close(descriptor)
    return token


def page_address(listening: socket.socket, token: str) -> str:
    """Return the address that opens the pages in a browser."""
    host, port = listening.getsockname()
    return f"http://{host}:{port}/?token={token}"
