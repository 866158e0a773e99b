"""`jobgen column`: new columns of an existing table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from jobgen.generate.inputs import migration_writer, schema_reader
from jobgen.plan.column import ColumnRequest, plan_column
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project, table: str, columns: tuple[str, ...] = ()) -> Plan:
    """Make the plan of `jobgen column`.

    Args:
        project: The project.
        table: A table of Schema.sql.
        columns: The columns as they were typed.
    """
    folder = project.root / project.migrations_path
    names = tuple(path.name for path in folder.glob("*.sql"))
    request = ColumnRequest(table, tuple(columns), names, datetime.now(tz=UTC))
    snapshot = read_snapshot(project, [project.schema_path, project.types_path])
    return plan_column(snapshot, request, schema_reader(project), migration_writer(project))


def undo_steps(_arguments: Mapping[str, object]) -> tuple[str, ...]:
    """Return how to drop the columns in the database, which undoing does not do."""
    step = (
        "No database was changed. If it has the columns, `jobgen migrate --with-drops` shows the"
        " SQL that drops them with their values."
    )
    return (step,)
