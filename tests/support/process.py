"""Commands as processes whose output a test reads line by line."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.forked import BIN, start
from tests.support.waiting import TIMEOUT

__all__ = ["BIN", "Process"]


class Process:
    """A running command and its output, line by line.

    Attributes:
        lines: All lines that the process has printed so far, whether a call has read them or not.
        process: The process.
    """

    def __init__(self, command: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.lines: list[str] = []
        self._unread: list[str] = []
        self._has_ended = False
        self._changed = threading.Condition()
        self.process = start(command, cwd, env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._unread.append(self.lines[-1])
                self._changed.notify()
        with self._changed:
            self._has_ended = True
            self._changed.notify()

    def wait_for_line(self, text: str, times: int = 1) -> str:
        """Wait until `times` unread lines contain `text`; return the last, and read up to it.

        What is waited for next must be printed after that. Use `wait_for_lines` for lines whose
        order is not promised, and `wait_for_start` in a function that starts a process.
        """
        return self._wait_for([text] * times)[-1]

    def wait_for_lines(self, *texts: str) -> list[str]:
        """Wait until a different unread line contains each text, in whatever order.

        Returns:
            The lines in the order of the texts. All up to the last of them are read.
        """
        return self._wait_for(texts)

    def wait_for_start(self, text: str, times: int = 1) -> str:
        """Wait as `wait_for_line` does, but leave the other lines unread.

        The threads and tasks of a process print in any order at its start: the test may still wait
        for what has been printed before it could.
        """
        return self._wait_for([text] * times, leave_others=True)[-1]

    def skip_lines(self) -> None:
        """Take the lines that were printed until now as read."""
        with self._changed:
            self._unread.clear()

    def wait_for_exit(self, code: int = 0) -> str:
        """Wait for the end of the process, check its exit code, and return the whole output."""
        assert self.process.wait(TIMEOUT) == code, "\n".join(self.lines)
        self._reader.join(TIMEOUT)
        self.skip_lines()
        return "\n".join(self.lines)

    def _wait_for(self, texts: Sequence[str], *, leave_others: bool = False) -> list[str]:
        deadline = time.monotonic() + TIMEOUT
        found: dict[int, str] = {}  # by the position of the text
        others: list[str] = []
        seen = 0
        with self._changed:
            while len(found) < len(texts):
                if seen == len(self._unread):
                    left = max(deadline - time.monotonic(), 0)
                    is_new = not self._has_ended and self._changed.wait(left)
                    missing = [text for number, text in enumerate(texts) if number not in found]
                    assert is_new, self._describe(missing)
                    continue
                line = self._unread[seen]
                seen += 1
                matching = (n for n, text in enumerate(texts) if n not in found and text in line)
                if (number := next(matching, None)) is None:
                    others.append(line)
                else:
                    found[number] = line
            del self._unread[:seen]
            if leave_others:
                self._unread[:0] = others
        return [found[number] for number in range(len(texts))]

    def _describe(self, missing: list[str]) -> str:
        read = len(self.lines) - len(self._unread)
        return "\n".join((f"no {missing} in unread lines; {read} are read of:", *self.lines))

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
