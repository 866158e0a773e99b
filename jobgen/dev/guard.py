"""A process that outlives `jobgen dev` for a moment, and ends what it has left behind.

`jobgen dev` ends its processes itself, unless it is killed. Then the kernel closes its end of a
pipe; this process sees that, and does it instead. It also holds the session's lock until then, so
that no second session starts next to the remains of a first one.

The pipe carries lines: `+PID` for a process that was started and leads a process group, `-PID` for
one that is gone, `server` if the session started the project's PostgreSQL, and `end` at a regular
end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

GRACE_SECONDS = 5.0
"""Seconds that a process may take to end."""

_POLL_SECONDS = 0.05


class Guard:
    """The session's end of the pipe: it tells the guard process what to clean up."""

    def __init__(self, root: Path, lock: int) -> None:
        """Start the guard process.

        Args:
            root: The project's root.
            lock: The descriptor of the session's lock, which the process holds as well.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jobgen.dev.guard", str(root)],
            stdin=subprocess.PIPE,
            pass_fds=(lock,),
            start_new_session=True,
            text=True,
        )

    def started(self, pid: int) -> None:
        """End this process, the leader of a process group, if the session is killed."""
        self._tell(f"+{pid}")

    def ended(self, pid: int) -> None:
        """Forget a process that was waited for."""
        self._tell(f"-{pid}")

    def server_started(self) -> None:
        """Stop the project's PostgreSQL if the session is killed."""
        self._tell("server")

    def close(self) -> None:
        """End the guard process: nothing is left to guard."""
        self._tell("end")
        with suppress(OSError):
            self._pipe.close()
        self._process.wait()

    @property
    def _pipe(self) -> IO[str]:
        assert self._process.stdin is not None  # noqa: S101 -- it was asked for
        return self._process.stdin

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # the guard was killed
            self._pipe.write(line + "\n")
            self._pipe.flush()


def main() -> None:
    """Read the session's messages until it has ended; then end the processes that it has left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    pids: set[int] = set()
    owns_server = False
    for line in sys.stdin:
        word = line.strip()
        if word == "end":
            return
        if word == "server":
            owns_server = True
        elif word.startswith("+"):
            pids.add(int(word[1:]))
        else:
            pids.discard(int(word[1:]))
    _end(pids)
    if owns_server:
        from jobgen.postgres import Server

        Server(Path(sys.argv[1])).stop()


def _end(pids: set[int]) -> None:
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS + 1
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    for pid in pids:
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
