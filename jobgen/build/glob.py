"""Match paths with patterns in which `**` stands for any number of folders."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath


def matches(pattern: str, path: PurePosixPath) -> bool:
    """Return whether a path matches a pattern such as "Web/Templates/**" or "**/*.sql".

    A pattern that names a folder matches all files below it.
    """
    return _matches(PurePosixPath(pattern).parts, path.parts)


def _matches(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    if not pattern:
        return True  # of a folder, all files
    if pattern[0] == "**":
        return any(_matches(pattern[1:], parts[start:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(pattern[1:], parts[1:])
