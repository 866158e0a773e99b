"""Which files of a project a program contains: its modules, and what `include` names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from jobgen.build.glob import matches
from jobgen.errors import JobgenError
from jobgen.project.config import BuildOptions

LEFT_OUT = frozenset({"__pycache__", "build", "dist", "node_modules", "test", "tests"})
"""Folders that a program does not contain, besides hidden ones and virtual environments."""


def application_files(root: Path, options: BuildOptions) -> list[PurePosixPath]:
    """Return the files below `root` that a program contains, in order.

    These are the Python modules outside of tests, hidden folders, environments and folders of build
    products, and the files that match `include`. A pattern matches no name that begins with a dot.

    Raises:
        JobgenError: A pattern of `include` matches no file.
    """
    unused = set(options.include)
    found: list[PurePosixPath] = []
    for path in _files(root, PurePosixPath()):
        used = [pattern for pattern in options.include if matches(pattern, path)]
        unused.difference_update(used)
        if (used or _is_module(path)) and not any(matches(each, path) for each in options.exclude):
            found.append(path)
    if unused:
        raise JobgenError(
            f"[tool.jobgen.build] include: no file matches {sorted(unused)[0]!r}.",
            hint="Correct the pattern: `*` matches in one folder, `**` in all folders below. "
            "Hidden files, and those in tests and environments, are never included.",
        )
    return sorted(found)


def _is_module(path: PurePosixPath) -> bool:
    return path.suffix == ".py" and not (
        path.name == "conftest.py" or path.name.startswith("test_") or path.stem.endswith("_test")
    )


def _files(root: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as error:
        raise JobgenError(f"{root / folder} cannot be read: {error.strerror}.") from error
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_file():
            yield path
        elif entry.is_dir() and not _is_left_out(root / path):
            yield from _files(root, path)


def _is_left_out(folder: Path) -> bool:
    """Return whether no file of a folder is wanted; of a link to a parent, none is either."""
    return (
        folder.name in LEFT_OUT
        or folder.suffix == ".egg-info"
        or (folder / "pyvenv.cfg").exists()
        or (folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve()))
    )
