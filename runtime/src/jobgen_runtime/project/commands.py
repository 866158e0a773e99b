"""The commands that messages name, which depend on the project's framework."""

from __future__ import annotations

_migrate = ["jobgen migrate"]


def migrate_command() -> str:
    """Return the command that brings the database up to date."""
    return _migrate[-1]


def set_migrate_command(command: str) -> None:
    """Let messages name the framework's own command."""
    _migrate.append(command)
