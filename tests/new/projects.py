"""Helpers for tests of whole projects."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a command in a folder; keyword arguments are its exit code and its environment."""


def tree(folder: Path) -> dict[str, bytes]:
    """Return the contents of every file below `folder`, except those in `.jobgen/`."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".jobgen" not in path.relative_to(folder).parts
    }
