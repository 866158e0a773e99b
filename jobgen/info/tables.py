"""The tables of Schema.sql with all that their text says about each column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.columns.types import spell_type
from jobgen.errors import JobgenError
from jobgen.info.model import ColumnInfo, TableInfo
from jobgen.job_block.recognise import is_job_table
from jobgen.project import Project, read_snapshot
from jobgen.schema.load import ReadSchema, decode_schema
from jobgen.schema.model import Column, Default, QualifiedName, Schema, Table
from jobgen.schema.parse.details import TableDetails, read_details
from jobgen.schema.script.read import read_script
from jobgen.schema.script.script import Script
from jobgen.types_file.class_names import class_names

_WITHOUT_PARENTHESES = {
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_role",
    "current_user",
    "session_user",
    "user",
    "current_catalog",
    "current_schema",
}
"""SQL's functions that are called without parentheses."""


@dataclass(frozen=True, slots=True)
class DescribedSchema:
    """A schema, and its tables with all that their text says."""

    schema: Schema
    tables: tuple[TableInfo, ...]


def read_tables(project: Project, read: ReadSchema) -> DescribedSchema:
    """Read the tables of the project's Schema.sql as it is on the disk now.

    Args:
        project: The project.
        read: Reads the schema from the text.

    Raises:
        SchemaError: Schema.sql is not valid.
        JobgenError: It cannot be read.
    """
    path = project.schema_path
    snapshot = read_snapshot(project, [path])
    if (obstacle := snapshot.obstacles.get(path)) is not None:
        raise JobgenError(f"{path} {obstacle}.")
    text = decode_schema(snapshot.before(path), path)
    schema = read(text, path)
    tables = describe_tables(schema, text, path, project.root, project.records)
    return DescribedSchema(schema, tables)


def describe_tables(
    schema: Schema, text: str, path: PurePosixPath, root: Path, records: Mapping[str, str]
) -> tuple[TableInfo, ...]:
    """Return the tables in the order of Schema.sql, those that only the database has at the end.

    Args:
        schema: The schema that was read from the text.
        text: The text of Schema.sql.
        path: The path of Schema.sql below `root`.
        root: The project's folder, for included files.
        records: The names of records that [tool.jobgen.records] gives to tables.
    """
    try:
        script = read_script(text, path, root)
    except JobgenError:
        script = None
    names = class_names(schema, records).records
    tables = sorted(
        schema.tables.values(), key=lambda table: (table.line is None, table.line or 0, table.name)
    )
    return tuple(_table(table, schema, script, names) for table in tables)


def display_name(name: QualifiedName, schema: Schema) -> str:
    """Return the table's name, with its schema unless that is the default one."""
    return name.name if name.schema == schema.default_schema else f"{name.schema}.{name.name}"


def _table(
    table: Table, schema: Schema, script: Script | None, records: Mapping[QualifiedName, str]
) -> TableInfo:
    details = read_details(script, table.qualified) if script else None
    details = details or TableDetails()
    return TableInfo(
        name=display_name(table.qualified, schema),
        line=table.line,
        record=records.get(table.qualified),
        is_job_table=is_job_table(table),
        columns=tuple(_column(column, table, details, schema) for column in table.columns),
    )


def _column(column: Column, table: Table, details: TableDetails, schema: Schema) -> ColumnInfo:
    default = column.default
    target = details.references.get(column.name)
    is_key = table.primary_key == (column.name,)
    return ColumnInfo(
        name=column.name,
        type=spell_type(column.type, schema),
        nullable=not column.not_null,
        has_default=column.has_default or column.identity is not None or column.generated,
        default=None if default is None else _default(default),
        references=".".join(target) if target else None,
        unique=is_key or column.name in details.unique,
        indexed=table.primary_key[:1] == (column.name,) or column.name in details.indexed,
        generated=column.generated or column.identity == "always",
        of_every_job=column.name in JOB_COLUMNS and is_job_table(table),
    )


def _default(default: Default) -> str:
    """Return a default as SQL, but a constant without quotes and type."""
    if not default.is_function:
        return default.text
    name = default.text.removesuffix("_n")  # with a precision
    return name.upper() if name in _WITHOUT_PARENTHESES else f"{name}()"
