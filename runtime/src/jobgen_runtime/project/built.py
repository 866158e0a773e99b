"""Where a program that `jobgen build` wrote holds the project."""

from __future__ import annotations

from pathlib import Path

PACKAGE = "_jobgen_application"
"""The package in the program's file that holds the application."""
DESCRIPTION = "program.json"
"""The file in that package that describes the program."""
ROOT = "root"
"""The folder in that package that is the project's root."""
VERIFY = "--verify-built-program"
"""The argument with which the build has a program import what it needs, and do nothing else."""


def is_built(root: Path) -> bool:
    """Return whether a project's root is inside a built program."""
    return root.name == ROOT and root.parent.name == PACKAGE
