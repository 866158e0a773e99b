"""Advice for projects whose migrations another tool keeps."""

from __future__ import annotations

from pathlib import Path


def migration_tool_advice(root: Path) -> str | None:
    """Return how to use the SQL in a project with Alembic or Django; None for other projects."""
    write = "`jobgen migrate --write NAME` writes the SQL to files"
    if (root / "alembic.ini").is_file() or any(root.glob("*/env.py")):
        return (
            f"This project uses Alembic. For other databases: {write}; create a revision for each"
            " file (`alembic revision -m NAME`) whose upgrade() calls"
            " op.execute(Path(FILE).read_text()). For the file that ends in -concurrently, run"
            " each statement in `with op.get_context().autocommit_block():`."
        )
    if (root / "manage.py").is_file():
        return (
            f"This project uses Django migrations. For other databases: {write}; create an empty"
            " migration for each file (`python manage.py makemigrations APP --empty`) with"
            " migrations.RunSQL(Path(FILE).read_text()) in its operations, and set"
            " `atomic = False` in the one for the file that ends in -concurrently."
        )
    return None
