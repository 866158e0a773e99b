"""A server's main process: its command, and its postmaster.pid."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jobgen.errors import JobgenError
from jobgen.postgres.binaries import Binaries

ROLE = "postgres"
"""The role that owns everything on an embedded server."""
SOCKET_PORT = 5432
"""The port in the socket's name while the server has no TCP port."""
START_TIMEOUT = 60.0
"""Seconds until a server accepts connections, including recovery after a crash."""

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""A client's SSLRequest. The server answers with one byte, even when it has no free connection.

See https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL.
"""
_POLL_SECONDS = 0.01
_EXIT_TIMEOUT = 2.0
"""Seconds between the release of a killed process's locks and its exit."""
_LOG_LINES = 20


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The contents of a running server's postmaster.pid."""

    pid: int
    data: Path
    port: int
    sockets: Path | None
    """The folder of its socket; None while it starts, or without a socket."""

    tcp: bool
    ready: bool

    def url(self, database: str) -> str:
        """Return the address of a database, which no PG… variable changes."""
        return (
            f"postgresql://{ROLE}@/{quote(database, safe='')}"
            f"?host={quote(str(self.sockets or ''), safe='/')}&port={self.port}"
        )


def read_postmaster(data: Path) -> Postmaster | None:
    """Return the server of a data folder; None without a postmaster.pid or while it is written."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
    except (FileNotFoundError, PermissionError):
        return None
    if len(lines) < 6 or not lines[0].strip().lstrip("-").isdecimal():
        return None
    return Postmaster(
        pid=abs(int(lines[0])),
        data=Path(lines[1]),
        port=int(lines[3]),
        # The line is empty until the server listens: as a path, it would be the current folder.
        sockets=Path(lines[4]) if lines[4].strip() else None,
        tcp=bool(lines[5].strip()),
        ready=len(lines) > 7 and lines[7].strip() == "ready",
    )


def server_command(
    binaries: Binaries, data: Path, sockets: Path, port: int | None, *settings: str
) -> list[str | Path]:
    """Return the command of a server.

    Args:
        binaries: The programs of PostgreSQL.
        data: The data folder.
        sockets: The folder for the socket.
        port: The TCP port on the loopback interface; None for no TCP.
        settings: Lines of postgresql.conf.
    """
    command: list[str | Path] = [binaries.program("postgres"), "-D", data, "-k", sockets]
    command += ["-p", str(port or SOCKET_PORT)]
    command += ["-c", f"listen_addresses={'localhost' if port else ''}"]
    if binaries.extensions is not None:
        command += ["-c", f"extension_control_path=$system:{binaries.extensions}"]
    for setting in settings:
        command += ["-c", setting]
    return command


def wait_until_ready(data: Path, log: Path, has_ended: Callable[[], bool]) -> Postmaster:
    """Wait until the server accepts connections, as its postmaster.pid says, and return it.

    Args:
        data: The data folder.
        log: The server's log, for the error message.
        has_ended: Returns whether the server has exited.

    Raises:
        JobgenError: The server exited, or was not ready after `START_TIMEOUT` seconds. The
            message has the end of its log.
    """
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        ended = has_ended()
        postmaster = read_postmaster(data)
        if not ended and postmaster is not None and postmaster.ready:
            return postmaster
        if ended or time.monotonic() >= deadline:
            what = "did not start" if ended else f"was not ready after {START_TIMEOUT:.0f} seconds"
            raise JobgenError(
                f"PostgreSQL {what}. Its log ends:\n{log_tail(log)}",
                hint=f"The whole log is {log}.",
            )
        time.sleep(_POLL_SECONDS)


def answers(postmaster: Postmaster) -> bool:
    """Return whether the server answers a client.

    The socket of a killed server can still be connected to for a moment.
    """
    if postmaster.sockets is None:
        return False
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(postmaster.sockets / f".s.PGSQL.{postmaster.port}"))
            client.sendall(_SSL_REQUEST)
            return client.recv(1) != b""
        except OSError:
            return False


def log_tail(log: Path) -> str:
    """Return the last lines of a server's log, indented."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-_LOG_LINES:]) or "  (empty)"


def is_postgres(pid: int) -> bool:
    """Return whether the process with this id is a PostgreSQL server.

    After a crash or a reboot the id in postmaster.pid may belong to another program, to no
    process, or to a zombie.
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            return False
        name, _, rest = stat.partition("(")[2].rpartition(")")
        return name == "postgres" and not rest.strip().startswith("Z")
    listed = subprocess.run(
        ("ps", "-o", "state=,comm=", "-p", str(pid)), capture_output=True, text=True, check=False
    )
    state, _, name = listed.stdout.strip().partition(" ")
    return name.strip().rpartition("/")[2] == "postgres" and not state.startswith("Z")


def clear_stale_pid(data: Path) -> None:
    """Remove the postmaster.pid of a server that was killed, or that ran on another copy.

    PostgreSQL would refuse to start if the process id in it now belongs to another process of
    the same user. The file of a running server on this very folder, which a user has started by
    hand, is kept, so that PostgreSQL refuses to start.
    """
    postmaster = read_postmaster(data)
    deadline = time.monotonic() + _EXIT_TIMEOUT
    while postmaster is not None and postmaster.data == data and is_postgres(postmaster.pid):
        if time.monotonic() >= deadline:
            return
        time.sleep(0.01)
    (data / "postmaster.pid").unlink(missing_ok=True)
