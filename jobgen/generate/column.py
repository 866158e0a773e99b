"""`jobgen column`: new columns of an existing table."""

from __future__ import annotations

from datetime import UTC, datetime

from jobgen.generate.inputs import schema_reader
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
    return plan_column(snapshot, request, schema_reader(project))
