"""What to do about tables that are models of Django or SQLAlchemy, and not in Schema.sql."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jobgen.job_block.recognise import is_job_table
from jobgen.project import Snapshot
from jobgen.project.migration_tool import MigrationTool
from jobgen.schema.model import Schema

_APPLY: Mapping[MigrationTool, str] = MappingProxyType(
    {"Django": "manage.py migrate", "Alembic": "alembic upgrade head"}
)
_WRITE: Mapping[MigrationTool, str] = MappingProxyType(
    {
        "Django": "manage.py makemigrations",
        "Alembic": "alembic revision --autogenerate",
    }
)


def missing_table_advice(snapshot: Snapshot, schema: Schema) -> str | None:
    """Return how jobgen gets to know the table of a model; None if the project has no models.

    Args:
        snapshot: The project.
        schema: The tables that jobgen knows. If Schema.sql has any besides those of jobs, the
            user's tables are in Schema.sql, and are not models.
    """
    tool = snapshot.migrations
    if snapshot.project.schema_source == "database":
        if tool is None:
            return "The table of a model must be in the database first."
        return f"If it is the table of a new model, run `{_APPLY[tool]}` first."
    if tool is None and not all(is_job_table(table) for table in schema.tables.values()):
        return None
    return 'If it is the table of a model, set schema_source = "database" in [tool.jobgen].'


def new_column_advice(snapshot: Snapshot) -> str:
    """Return how a table that is in the database only gets a column."""
    tool = snapshot.migrations
    if tool is None:
        return "Add the column where the table is defined, then run `jobgen types`."
    return (
        "If it is the table of a model, add the column to the model, and run"
        f" `{_WRITE[tool]}`, `{_APPLY[tool]}` and `jobgen types`."
    )
