"""What a project that keeps migrations with another tool should do."""

from __future__ import annotations

from pathlib import Path


def migration_tool_advice(root: Path) -> str | None:
    """What to do with the SQL in a project of Alembic or Django; None in others."""
    write = "`jobgen migrate --write NAME` writes the SQL to files"
    if (root / "alembic.ini").is_file() or any(root.glob("*/env.py")):
        return (
            f"This project keeps its migrations with Alembic. For other databases: {write}; make"
            " a revision (`alembic revision -m NAME`) whose upgrade() has"
            " op.execute(Path(FILE).read_text()) for each, and for the one that ends in"
            " -concurrently each statement in `with op.get_context().autocommit_block():`."
        )
    if (root / "manage.py").is_file():
        return (
            f"This project keeps its migrations with Django. For other databases: {write}; make"
            " an empty migration (`python manage.py makemigrations APP --empty`) for each, with"
            " migrations.RunSQL(Path(FILE).read_text()) in its operations, and `atomic = False`"
            " in the one whose file ends in -concurrently."
        )
    return None
