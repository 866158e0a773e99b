"""Shorten the tracebacks of programs that cannot start to what the project's own code shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

_HEAD = re.compile(r"(?:ERROR:\s+)?Traceback \(most recent call last\):")
_CHAINED = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
_FRAME = re.compile(r'  File "(?P<file>.+?)", line (?P<line>\d+)')


@dataclass(frozen=True, slots=True)
class _Frame:
    file: Path
    line: int
    source: tuple[str, ...]


class StartupErrors:
    """Remembers which errors were shown since the last start, for all programs of a session."""

    def __init__(self) -> None:
        """Remember none."""
        self._shown: set[str] = set()
        self._lock = Lock()

    def forget(self) -> None:
        """Show each error again: the programs start with other code."""
        with self._lock:
            self._shown.clear()

    def is_known(self, error: str) -> bool:
        """Return whether the error was shown already."""
        with self._lock:
            return error in self._shown

    def is_new(self, error: str) -> bool:
        """Return whether the error was not shown yet, and remember it."""
        with self._lock:
            found = error not in self._shown
            self._shown.add(error)
            return found


class StartupOutput:
    """The lines of one program until it has started, with short tracebacks."""

    def __init__(self, root: Path, errors: StartupErrors) -> None:
        """Read the lines of a program of the project at `root`."""
        self._root = root
        self._errors = errors
        self._traceback: list[str] | None = None
        self._error: list[str] = []
        """The last error, held back until it is known that it is not the cause of another one."""
        self._blank: list[str] = []
        self._is_chained = False
        self._previous = ""

    def lines(self, text: str) -> list[str]:
        """Return what to show after the program has written a line."""
        if self._traceback is not None:
            if text.startswith(" ") or not text:
                self._traceback.append(text)
            else:
                self._error = self._shortened(_frames(self._traceback), text)
                self._traceback = None
            return []
        if _HEAD.fullmatch(text):
            shown, self._traceback, self._is_chained = self._released(), [], False
            return shown
        if not text and (self._error or self._is_chained):
            self._blank += [text] if self._error else []
            return []
        if self._error and text in _CHAINED:
            self._error, self._blank, self._is_chained = [], [], True
            return []
        shown, self._previous = self._released(), text
        return [*shown, self._unrepeated(text)]

    def rest(self) -> list[str]:
        """Return the lines that are left at the end of the output."""
        return [*self._released(), *(self._traceback or [])]

    def _released(self) -> list[str]:
        """Return the error that was held back, or that it was shown before."""
        error, blank, self._error, self._blank = self._error, self._blank, [], []
        if error:
            is_new = self._errors.is_new(error[0])
            if self._previous.endswith(error[0]):  # run-jobs names it in a line before
                error = error[1:] if is_new else []
            elif not is_new:
                error = ["The same error."]
        return [*error, *blank]

    def _unrepeated(self, text: str) -> str:
        """Return a line of the program, without an error in it that was shown already."""
        name, colon, error = text.partition(": ")
        return f"{name}: the same error." if colon and self._errors.is_known(error) else text

    def _shortened(self, frames: list[_Frame], error: str) -> list[str]:
        """Return the place with the error, and the code there."""
        own = [frame for frame in frames if self._is_own(frame.file)]
        if not (own or frames):
            return [error]
        frame = (own or frames)[-1]
        path = frame.file
        shown = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        return [f"{shown}, line {frame.line}: {error}", *frame.source]

    def _is_own(self, file: Path) -> bool:
        if not file.is_relative_to(self._root):
            return False
        folders = file.relative_to(self._root).parts
        return not any(part.startswith(".") or part == "site-packages" for part in folders)


def _frames(lines: list[str]) -> list[_Frame]:
    frames: list[_Frame] = []
    for line in lines:
        if match := _FRAME.match(line):
            frames.append(_Frame(Path(match["file"]), int(match["line"]), ()))
        elif frames:
            last = frames[-1]
            frames[-1] = _Frame(last.file, last.line, (*last.source, line))
    return frames
