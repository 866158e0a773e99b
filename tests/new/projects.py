"""What tests of whole projects share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a command: the folder, its words, and by name the exit code and the environment."""


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` but the tool's own, with what it holds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".jobgen" not in path.relative_to(folder).parts
    }
