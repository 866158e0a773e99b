"""Tell the application's own frames of a traceback from those of libraries. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FRAME = re.compile(r'(?P<indent>[ |]*)File "(?P<path>[^"]*)", line \d+')
_PLACE = re.compile(
    r'File "(?P<path>[^"\n]{1,1000})", line \d{1,9}(?:, in (?P<function>[^\n]{1,200}))?'
    r"(?:\n(?P<indent>[ |]{0,200})(?P<source>[^\n]{0,300}))?"
)
_HEADER = "Traceback (most recent call last):"
_MAX_INDENT = 200
_LIBRARY = re.compile(r"[/\\](?:site-packages|dist-packages|jobgen_runtime|python3\.\d+)[/\\]")


@dataclass(frozen=True)
class ErrorPart:
    """Consecutive lines of an error, with their ends."""

    text: str
    is_own: bool
    """Whether they are frames of the application's code."""

    frames: int = 0
    """How many frames of libraries they are; 0 for other lines."""


@dataclass(frozen=True)
class Frame:
    """A frame of a traceback."""

    path: str
    function: str
    source: str
    """The text of the line; empty if the traceback does not have it."""

    @property
    def path_end(self) -> str:
        """The last parts of the path: those before them differ from machine to machine."""
        return "/".join(re.split(r"[/\\]", self.path)[-3:])


def raising_frame(error: str) -> Frame | None:
    """Return the last frame of the application's code in the last traceback, else its last frame.

    None without a frame.
    """
    start, end = max(error.rfind(_HEADER), 0), len(error)
    last = None
    while (found := error.rfind('File "', start, end)) != -1:
        end = found
        frame = _frame(error, found)
        if frame and _is_own(frame.path):
            return frame
        last = last or frame
    return last


def _frame(error: str, start: int) -> Frame | None:
    """Return the frame whose file is named at `start`; None if that is in the midst of a line."""
    indent = start - 1 - error.rfind("\n", max(start - _MAX_INDENT, 0), start)
    if error[start - indent : start].strip(" |"):
        return None
    match = _PLACE.match(error, start)
    if match is None:
        return None
    source = match["source"] or ""
    if len(match["indent"] or "") <= indent or source.startswith('File "'):
        source = ""
    return Frame(match["path"], match["function"] or "", source)


def error_parts(error: str) -> list[ErrorPart]:
    """Return an error in parts: frames of the application's code, those of libraries, other lines.

    A frame is the line with its file, and the lines below that are indented more.
    """
    parts: list[ErrorPart] = []
    is_own, is_frame, indent = False, False, 0
    for line in error.splitlines(keepends=True):
        frame = _FRAME.match(line)
        if frame:
            indent = len(frame["indent"])
            is_own, is_frame = _is_own(frame["path"]), True
        elif is_frame and line[: indent + 1].strip(" |"):
            is_own, is_frame = False, False
        frames = int(frame is not None and not is_own)
        last = parts[-1] if parts else None
        if last and last.is_own is is_own and bool(last.frames) is (is_frame and not is_own):
            parts[-1] = ErrorPart(last.text + line, is_own, last.frames + frames)
        else:
            parts.append(ErrorPart(line, is_own, frames))
    return parts


def _is_own(path: str) -> bool:
    return not (path.startswith("<") or _LIBRARY.search(path))
