"""Advice for projects whose migrations are kept by another tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jobgen.migrate.difference import Report
from jobgen.plan.alembic_hint import ALEMBIC_HINT
from jobgen.project.existing import alembic_compares_jobs, migration_tool, read_existing

_WRITE = "`jobgen migrate --write NAME` writes the SQL to files"


def migration_tool_advice(root: Path) -> str | None:
    """Return how to use the SQL in a project with Alembic or Django; None for other projects."""
    match migration_tool(root):
        case "Alembic":
            advice = (
                f"This project uses Alembic. For other databases: {_WRITE}; create a revision for"
                " each file (`alembic revision -m NAME`) whose upgrade() calls"
                " op.execute(Path(FILE).read_text()). For the file that ends in -concurrently, run"
                " each statement in `with op.get_context().autocommit_block():`."
            )
            return f"{advice}\n{ALEMBIC_HINT}" if alembic_compares_jobs(root) else advice
        case "Django":
            return (
                f"This project uses Django migrations. For other databases: {_WRITE}; create an"
                " empty migration for each file (`python manage.py makemigrations APP --empty`)"
                " with migrations.RunSQL(Path(FILE).read_text()) in its operations, and set"
                " `atomic = False` in the one for the file that ends in -concurrently."
            )
        case None:
            return None


def tool_advice(root: Path, upgrade: str) -> str:
    """Return how the database of a project changes whose migrations jobgen writes.

    Args:
        root: The project's root.
        upgrade: The command that applies them.
    """
    advice = (
        f"Migrations change this project's database: run `{upgrade}`. For what they leave out, as"
        " after an edit of Schema.sql, write one with: jobgen migrate --write NAME"
    )
    return f"{advice}\n{ALEMBIC_HINT}" if alembic_compares_jobs(root) else advice


def model_tables_advice(root: Path, reports: Sequence[Report]) -> str | None:
    """Return how to leave tables to the models that make them; None if none is in question.

    Args:
        root: A project whose `schema_source` is the file.
        reports: What is left to the user.
    """
    unknown = any(
        report.what.startswith("table ") and report.reason.startswith("not in ")
        for report in reports
    )
    if not unknown or not read_existing(root).has_models:
        return None
    return (
        'If models make the tables that are not in Schema.sql, set schema_source = "database" in'
        " [tool.jobgen]: they are then left alone."
    )
