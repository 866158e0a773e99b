"""Commands as processes whose output a test reads line by line."""

from __future__ import annotations

import queue
import signal
import threading
import time
from pathlib import Path

from tests.support.forked import BIN, start
from tests.support.waiting import TIMEOUT

__all__ = ["BIN", "Process"]


class Process:
    """A running command and its output, line by line."""

    def __init__(self, command: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self.process = start(command, cwd, env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line.rstrip("\n"))
        self._new.put(None)

    def wait_for_line(self, text: str, times: int = 1) -> None:
        """Wait until `times` lines that no call has read yet contain `text`."""
        deadline = time.monotonic() + TIMEOUT
        while times:
            try:
                line = self._new.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                line = None
            assert line is not None, f"no {text!r} in:\n" + "\n".join(self.lines)
            self.lines.append(line)
            times -= text in line

    def skip_lines(self) -> None:
        """Take the lines that were printed until now as read."""
        self.lines += self._rest()

    def wait_for_exit(self, code: int = 0) -> str:
        """Wait for the end of the process, check its exit code, and return the whole output."""
        assert self.process.wait(TIMEOUT) == code, "\n".join(self.lines + self._rest())
        self._reader.join(TIMEOUT)
        self.lines += self._rest()
        return "\n".join(self.lines)

    def _rest(self) -> list[str]:
        rest: list[str] = []
        while not self._new.empty():
            line = self._new.get()
            rest += [] if line is None else [line]
        return rest

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def close(self) -> None:
        """Kill the process if it still runs."""
        self.process.kill()
        self.process.wait()
        self._reader.join(TIMEOUT)
        # Closing the output would wait until a child that has inherited it ends.
        if not self._reader.is_alive():
            assert self.process.stdout is not None
            self.process.stdout.close()
