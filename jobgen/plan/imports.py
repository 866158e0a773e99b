"""Import statements as isort and ruff lay them out."""

from __future__ import annotations

_WIDTH = 88
"""The line length that ruff and isort's black profile have unless told otherwise."""


def import_statement(module: str, name: str, alias: str | None = None) -> str:
    """`from module import name`, in brackets where the line would be too long."""
    what = f"{name} as {alias}" if alias else name
    line = f"from {module} import {what}"
    return line if len(line) <= _WIDTH else f"from {module} import (\n    {what},\n)"
