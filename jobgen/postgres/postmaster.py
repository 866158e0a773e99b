"""A server's process: how it is started, and what its postmaster.pid says."""

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
"""The number in the socket's name while the server has no TCP port."""
PATIENCE = 60.0
"""Seconds for a server to get ready, recovery after a crash included."""

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""What a client may ask first; the answer is one byte, with a full server too (protocol 3.0)."""
_POLL = 0.01
_LOG_LINES = 20


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a running server wrote into its postmaster.pid."""

    pid: int
    data: Path
    port: int
    sockets: Path
    tcp: bool
    ready: bool

    @property
    def socket(self) -> Path:
        """The socket on which it listens."""
        return self.sockets / f".s.PGSQL.{self.port}"

    def url(self, database: str) -> str:
        """The address of one of its databases, complete: no PG… variable changes its meaning."""
        return (
            f"postgresql://{ROLE}@/{quote(database, safe='')}"
            f"?host={quote(str(self.sockets), safe='/')}&port={self.port}"
        )


def read_postmaster(data: Path) -> Postmaster | None:
    """The server whose data is in `data`; None without postmaster.pid or while it is written."""
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
        sockets=Path(lines[4]),
        tcp=bool(lines[5].strip()),
        ready=len(lines) > 7 and lines[7].strip() == "ready",
    )


def server_command(
    binaries: Binaries, data: Path, sockets: Path, port: int | None, *settings: str
) -> list[str | Path]:
    """The command of a server that listens in `sockets`, and on the loopback `port` if asked to."""
    command: list[str | Path] = [binaries.program("postgres"), "-D", data, "-k", sockets]
    command += ["-p", str(port or SOCKET_PORT)]
    command += ["-c", f"listen_addresses={'localhost' if port else ''}"]
    for setting in settings:
        command += ["-c", setting]
    return command


def wait_until_ready(data: Path, log: Path, has_ended: Callable[[], bool]) -> Postmaster:
    """Wait until the server says in postmaster.pid that it takes connections.

    Raises:
        JobgenError: it has ended instead, or takes longer than `PATIENCE`; the
            message shows the end of its log.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        ended = has_ended()
        postmaster = read_postmaster(data)
        if not ended and postmaster is not None and postmaster.ready:
            return postmaster
        if ended or time.monotonic() >= deadline:
            what = "did not start" if ended else f"was not ready after {PATIENCE:.0f} seconds"
            raise JobgenError(
                f"PostgreSQL {what}; its log ends:\n{log_tail(log)}",
                hint=f"The whole log: {log}",
            )
        time.sleep(_POLL)


def answers(postmaster: Postmaster) -> bool:
    """Whether the server says a word. The socket of one that is being killed still opens."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(postmaster.socket))
            client.sendall(_SSL_REQUEST)
            return client.recv(1) != b""
        except OSError:
            return False


def log_tail(log: Path) -> str:
    """The last lines of a server's log, indented."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-_LOG_LINES:]) or "  (empty)"


def is_postgres(pid: int) -> bool:
    """Whether a live process of this number is a PostgreSQL server.

    After a crash or a reboot the number in postmaster.pid may be another program's,
    or nobody's, or a dead child's that its parent has not collected.
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
