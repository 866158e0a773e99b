"""The tool that keeps the migrations of a project's own tables, such as those of its models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

MigrationTool = Literal["Alembic", "Django"]


@dataclass(frozen=True, slots=True)
class AlembicPlace:
    """Where Alembic's files are.

    Attributes:
        ini: Its configuration.
        location: The folder of its scripts; None if the configuration names it.
        command: The command line of Alembic.
        upgrade: The command that applies all revisions.
    """

    ini: PurePosixPath
    location: PurePosixPath | None
    command: str
    upgrade: str


_PLACES = (
    AlembicPlace(PurePosixPath("alembic.ini"), None, "alembic", "alembic upgrade head"),
    AlembicPlace(
        PurePosixPath("migrations/alembic.ini"),
        PurePosixPath("migrations"),
        "flask db",
        "flask db upgrade",
    ),
)
"""The usual places: Alembic's own, and that of Flask-Migrate."""

_MANAGE = ("manage.py", "src/manage.py")


def alembic_place(root: Path) -> AlembicPlace | None:
    """Return where Alembic's files are in the folder `root`; None if it is not used there."""
    return next((place for place in _PLACES if (root / place.ini).is_file()), None)


def upgrade_command(root: Path) -> str | None:
    """Return the command by which the tool applies all migrations; None if no tool is used."""
    place = alembic_place(root)
    if place is not None:
        return place.upgrade
    manage = next((name for name in _MANAGE if (root / name).is_file()), None)
    return manage and f"python {manage} migrate"


def configured_tool(root: Path) -> MigrationTool | None:
    """Return the tool whose file is at its usual place in the folder `root`."""
    if alembic_place(root) is not None:
        return "Alembic"
    if any((root / name).is_file() for name in _MANAGE):
        return "Django"
    return None
