"""Tell the application's own frames of a traceback from those of libraries. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FRAME = re.compile(r'(?P<indent>[ |]*)File "(?P<path>[^"]*)", line \d+')
_LIBRARY = re.compile(r"[/\\](?:site-packages|dist-packages|jobgen_runtime|python3\.\d+)[/\\]")


@dataclass(frozen=True)
class ErrorPart:
    """Consecutive lines of an error, with their ends."""

    text: str
    is_own: bool
    """Whether they are frames of the application's code."""


def error_parts(error: str) -> list[ErrorPart]:
    """Return an error in parts, so that the frames of the application's code can be highlighted.

    A frame is the line with its file, and the lines below that are indented more.
    """
    parts: list[ErrorPart] = []
    is_own, indent = False, None
    for line in error.splitlines(keepends=True):
        frame = _FRAME.match(line)
        if frame:
            indent = len(frame["indent"])
            is_own = _is_own(frame["path"])
        elif indent is not None and line[: indent + 1].strip(" |"):
            is_own, indent = False, None
        if parts and parts[-1].is_own is is_own:
            parts[-1] = ErrorPart(parts[-1].text + line, is_own)
        else:
            parts.append(ErrorPart(line, is_own))
    return parts


def _is_own(path: str) -> bool:
    return not (path.startswith("<") or _LIBRARY.search(path))
