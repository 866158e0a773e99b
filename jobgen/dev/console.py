"""The merged log of a development session: each line after the name of its process."""

from __future__ import annotations

from threading import Lock
from typing import TextIO

from jobgen.errors import JobgenError

_COLOURS = {"jobgen": "36", "web": "35", "worker": "33", "ide": "32"}
_WIDTH = max(map(len, _COLOURS))


class Console:
    """Writes whole lines, from any thread."""

    def __init__(self, stream: TextIO, *, colours: bool) -> None:
        """Write to `stream`; with `colours`, each name has its own."""
        self._stream: TextIO | None = stream
        self._colours = colours
        self._lock = Lock()

    def line(self, label: str, text: str) -> None:
        """Write a line of the process called `label`."""
        head = f"{label:<{_WIDTH}} |"
        if self._colours:
            head = f"\x1b[{_COLOURS.get(label, '37')}m{head}\x1b[0m"
        with self._lock:
            if self._stream is None:
                return
            try:
                self._stream.write(f"{head} {text}\n")
                self._stream.flush()
            except (OSError, ValueError):
                # The terminal was closed. That ends the session; its end is not shown.
                self._stream = None

    def say(self, text: str) -> None:
        """Write lines of `jobgen dev` itself."""
        for line in text.splitlines() or [""]:
            self.line("jobgen", line)

    def say_error(self, error: JobgenError) -> None:
        """Write an error of the project or of its environment; the session goes on."""
        self.say(f"error: {error.message}")
        if error.hint:
            self.say(f"hint: {error.hint}")
