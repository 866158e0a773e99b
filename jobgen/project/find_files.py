"""Finds the files that match a pattern."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen_runtime.project import component_regex, placeholders


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that matches a pattern, and the value of each placeholder, "" for one without."""

    path: PurePosixPath
    app: str = ""
    name: str = ""
    snake_app: str = ""
    snake_name: str = ""


def find_files(root: Path, pattern: str) -> list[FoundFile]:
    """Return the files below `root` that match `pattern`. Unreadable folders are skipped."""
    found = _descend(root, PurePosixPath(), PurePosixPath(pattern).parts, {})
    return [
        FoundFile(
            path,
            app=values.get("App", ""),
            name=values.get("Name", ""),
            snake_app=values.get("app", ""),
            snake_name=values.get("name", ""),
        )
        for path, values in found
    ]


def _descend(
    root: Path, folder: PurePosixPath, parts: tuple[str, ...], values: dict[str, str]
) -> Iterator[tuple[PurePosixPath, dict[str, str]]]:
    part, rest = parts[0], parts[1:]
    for name, more in _entries(root / folder, part, files=not rest):
        if any(values.get(key, value) != value for key, value in more.items()):
            continue
        if rest:
            yield from _descend(root, folder / name, rest, {**values, **more})
        else:
            yield folder / name, {**values, **more}


def _entries(folder: Path, part: str, *, files: bool) -> list[tuple[str, dict[str, str]]]:
    """Return the files, or the folders, in `folder` that match one component of a pattern."""
    if not placeholders(part):
        path = folder / part
        return [(part, {})] if (path.is_file() if files else path.is_dir()) else []
    regex = component_regex(part)
    found: list[tuple[str, dict[str, str]]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                match = regex.fullmatch(entry.name)
                if match and (entry.is_file() if files else entry.is_dir()):
                    found.append((entry.name, match.groupdict()))
    except OSError:
        return []
    return found
