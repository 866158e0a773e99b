"""The tool that keeps the migrations of a project's own tables, such as those of its models."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

MigrationTool = Literal["Alembic", "Django"]


def configured_tool(root: Path) -> MigrationTool | None:
    """Return the tool whose file is at its usual place in the folder `root`."""
    if (root / "alembic.ini").is_file():
        return "Alembic"
    if (root / "manage.py").is_file() or (root / "src/manage.py").is_file():
        return "Django"
    return None
