"""Format import statements like isort and ruff."""

from __future__ import annotations

_WIDTH = 88
"""The default line length of ruff and of isort's black profile."""


def import_statement(module: str, name: str, alias: str | None = None) -> str:
    """Return `from module import name`, in parentheses if the line is too long."""
    what = f"{name} as {alias}" if alias else name
    line = f"from {module} import {what}"
    return line if len(line) <= _WIDTH else f"from {module} import (\n    {what},\n)"
