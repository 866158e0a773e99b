"""Plan columns of an existing table: Schema.sql, its record, and a migration if files are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jobgen.columns.arguments import NewColumn
from jobgen.columns.names import closest
from jobgen.errors import JobgenError, UsageError
from jobgen.job_block.edit import append_text
from jobgen.job_block.recognise import is_job_table
from jobgen.naming import parse_job_name, quote_identifier, record_name
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.existing_table import additions_to, table_sql
from jobgen.plan.migration_prefixes import MigrationPrefixes
from jobgen.plan.migrations import put_migration
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.model_tables import new_column_advice
from jobgen.plan.requested_columns import requested_columns
from jobgen.plan.table_change import TableChange, WriteMigration
from jobgen.plan.types import put_types, schema_or_issue
from jobgen.project import Snapshot
from jobgen.schema.load import ReadSchema, decode_schema
from jobgen.schema.model import QualifiedName, Schema, Table


@dataclass(frozen=True, slots=True)
class ColumnRequest:
    """The columns that the user asks for.

    Attributes:
        table: The table, with its schema or without.
        columns: The columns as they were typed.
        migrations: The names of the project's migration files; empty if it keeps none.
        now: The time, for the name of a new one.
    """

    table: str
    columns: tuple[str, ...]
    migrations: tuple[str, ...]
    now: datetime


def plan_column(
    snapshot: Snapshot,
    request: ColumnRequest,
    read: ReadSchema,
    write: WriteMigration | None = None,
) -> Plan:
    """Make the plan of `jobgen column`.

    Args:
        snapshot: The project's files.
        request: The columns.
        read: Reads Schema.sql.
        write: Writes the migration of the table; None if `jobgen migrate` changes it.
    """
    args = {"table": request.table, "columns": list(request.columns)}
    builder = PlanBuilder(snapshot, "column", args)
    schema = schema_or_issue(builder, read)
    if schema is None:
        return builder.plan()
    table = _find_table(builder, schema, request.table)
    if table is None:
        return builder.plan()
    columns = requested_columns(
        builder, request.columns, schema, table.name, is_job=is_job_table(table)
    )
    if columns is None:
        return builder.plan()
    _check(builder, table, columns)
    if builder.is_blocked:
        return builder.plan()
    builder.warnings += [column.warning for column in columns if column.warning]
    statements = [line for column in columns for line in additions_to(column, table, schema)]
    _append(builder, request, table, columns, statements, is_migrated=write is not None)
    path = snapshot.project.schema_path
    try:
        put_types(
            builder,
            read(decode_schema(builder.content(path), path), path),
            snapshot.project.records,
        )
    except JobgenError as error:
        builder.add_error(error)
    builder.next_steps += put_migration(builder, write, _change(table, schema, columns, statements))
    return builder.plan()


def _change(
    table: Table, schema: Schema, columns: Sequence[NewColumn], statements: Sequence[str]
) -> TableChange:
    name = table_sql(table, schema)
    drops = [
        f"ALTER TABLE {name} DROP COLUMN {quote_identifier(column.name)}"
        for column in reversed(columns)
    ]
    return TableChange(
        f"add {' '.join(column.name for column in columns)} to {table.name}"[:100],
        table.name,
        None,
        tuple(statement.removesuffix(";") for statement in statements),
        tuple(drops),
        tuple(column.references.name for column in columns if column.references),
    )


def _find_table(builder: PlanBuilder, schema: Schema, name: str) -> Table | None:
    """Return the table called `name`, or add an issue.

    Args:
        builder: The plan.
        schema: The tables.
        name: The name of a table, of its record, or of a job in any spelling.
    """
    found = schema.find_table(name)
    if found is None and "." in name:
        found = schema.tables.get(QualifiedName(*name.split(".", 1)))
    if found is None:
        found = _table_of_class(builder, schema, name)
    if found is not None and found.line is not None:
        return found
    path = builder.project.schema_path
    if found is not None:
        builder.add_issue(
            IssueKind.PROJECT,
            f"The table {name} is in the database, and not in {path}.",
            path=path,
            hint=new_column_advice(builder.snapshot),
        )
        return None
    names = sorted(str(table.name) for table in schema.tables.values() if table.line is not None)
    builder.add_issue(
        IssueKind.USAGE,
        f"{path} has no table {name}.",
        path=path,
        hint=_suggestion(name, names),
    )
    return None


def _suggestion(name: str, tables: Sequence[str]) -> str:
    if not tables:
        return "Write the table into it first."
    close = closest(name, tables)
    return f"Did you mean {close}?" if close else f"Its tables are {', '.join(tables)}."


def _table_of_class(builder: PlanBuilder, schema: Schema, name: str) -> Table | None:
    """Return the table of a record, or of a job in any spelling; None if there is none."""
    for table in schema.tables.values():
        if record_name(table.name, builder.project.records) == name:
            return table
    try:
        return schema.find_table(parse_job_name(name).table)
    except UsageError:
        return None


def _check(builder: PlanBuilder, table: Table, columns: Sequence[NewColumn]) -> None:
    if not columns:
        builder.add_issue(
            IssueKind.USAGE, "No column is given.", hint="Add one, such as note:text?"
        )
    for column in columns:
        if table.column(column.name) is not None:
            builder.add_issue(
                IssueKind.PROJECT,
                f"The table {table.name} already has a column {column.name}.",
                path=builder.project.schema_path,
                line=table.line,
                hint="Choose another name, or change that column in the file.",
            )
        elif column.not_null and column.default is None:
            builder.warnings.append(
                f"Rows that exist have no value for {column.name}: `jobgen migrate` adds it to an"
                " empty table only. Allow NULL with `?`, or give a default with `=`."
            )


def _append(
    builder: PlanBuilder,
    request: ColumnRequest,
    table: Table,
    columns: Sequence[NewColumn],
    statements: Sequence[str],
    *,
    is_migrated: bool,
) -> None:
    project = builder.project
    text = "\n".join(statements) + "\n"
    builder.put(
        project.schema_path,
        append_text(builder.snapshot.before(project.schema_path), text, project.schema_path),
    )
    if request.migrations and not is_migrated:
        prefix = MigrationPrefixes(sorted(request.migrations), request.now).next()
        names = "-".join(column.name for column in columns)
        name = f"{prefix}-add-{names}-to-{table.name}"[:100]
        builder.put_new(project.migrations_path / f"{name}.sql", text.encode())
