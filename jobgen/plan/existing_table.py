"""Checks a job whose table exists already: whether it is this job's, with the wanted columns."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from jobgen.columns.arguments import NewColumn
from jobgen.columns.types import spell_type
from jobgen.job_block.added_columns import added_column
from jobgen.job_block.context import column_index
from jobgen.job_block.recognise import is_job_table
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import quote_identifier, record_name
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import IssueKind
from jobgen.plan.registrations import JobFiles
from jobgen.plan.table_details import table_details
from jobgen.schema.load import decode_schema
from jobgen.schema.model import Column, Schema, Table
from jobgen.schema.parse.details import TableDetails, normalized_default


def check_existing_table(
    builder: PlanBuilder,
    files: JobFiles,
    table: Table,
    columns: Sequence[NewColumn],
    schema: Schema,
) -> None:
    """Accept an existing table only if it is this job's, with the requested columns.

    Args:
        builder: The plan, which gets an issue for what is wrong.
        files: The job.
        table: Its table.
        columns: The columns of the command line.
        schema: The schema of Schema.sql.
    """
    name, path = files.name, builder.project.schema_path
    record = record_name(table.name, builder.project.records)
    missing = [column for column in columns if table.column(column.name) is None]
    if not is_job_table(table):
        builder.add_issue(
            IssueKind.PROJECT,
            f"{path} already has a table {table.name}, and it is not the table of a job.",
            path=path,
            line=table.line,
            hint="Choose another name for the job.",
        )
        return
    if record != name.record:
        builder.add_issue(
            IssueKind.PROJECT,
            f"{name.module} is another spelling of {record.removesuffix('Job')}, which already has"
            f" the table {table.name}.",
            path=path,
            line=table.line,
            hint=f"Use that spelling: jobgen job {record.removesuffix('Job')}{_app_option(files)}",
        )
        return
    if missing:
        words = [table.name, *(column.argument for column in missing)]
        builder.add_issue(
            IssueKind.PROJECT,
            f"The table {table.name} already exists, without the column"
            f"{'s' if len(missing) > 1 else ''} {', '.join(column.name for column in missing)}.",
            path=path,
            line=table.line,
            hint=f"Run `jobgen column {shlex.join(words)}`, or add this to the file and run"
            " `jobgen types`.",
            paste="\n".join(
                line for column in missing for line in additions_to(column, table, schema)
            ),
        )
    _check_columns(builder, table, columns, schema)
    if not builder.is_blocked and builder.snapshot.before(files.path) is None:
        builder.warnings.append(f"The table {table.name} already exists and is used as it is.")


def check_unique_index(
    builder: PlanBuilder, table: Table, unique: UniqueJob, schema: Schema
) -> None:
    """Add an issue if an existing table does not have the requested unique index.

    Args:
        builder: The plan.
        table: The job's table.
        unique: What is to make the job unique.
        schema: The schema of Schema.sql.
    """
    if any(unique.is_made_by(index) for index in table.unique_indexes):
        return
    path = builder.project.schema_path
    others = [index.name for index in table.unique_indexes if unique.is_about(index)]
    statement = unique.statement(table.name, on=table_sql(table, schema))
    columns = ", ".join(unique.columns)
    builder.add_issue(
        IssueKind.PROJECT,
        f"The table {table.name} already exists, and its unique index {others[0]} on {columns}"
        " counts jobs in other statuses."
        if others
        else f"The table {table.name} already exists, without a unique index on {columns}.",
        path=path,
        line=table.line,
        hint=f"{'Replace it by this' if others else 'Add this to the file'}, then run:"
        " jobgen types",
        paste=statement,
    )


def _app_option(files: JobFiles) -> str:
    """Return the option for the job's application, or "" for the default one."""
    return "" if files.app == files.project.application else f" --app {files.app}"


def additions_to(column: NewColumn, table: Table, schema: Schema) -> Iterator[str]:
    """Return the statements that add a column, with its index, to a table of `schema`."""
    on = table_sql(table, schema)
    return added_column(column, table.name, on=on, is_job=is_job_table(table))


def _check_columns(
    builder: PlanBuilder, table: Table, columns: Sequence[NewColumn], schema: Schema
) -> None:
    """Add an issue for each column that exists with another definition."""
    existing = {column.name: column for column in table.columns}
    if not any(column.name in existing for column in columns):
        return
    path = builder.project.schema_path
    details = table_details(decode_schema(builder.snapshot.before(path), path), path, table)
    for column in columns:
        if column.name not in existing:
            continue
        found = existing[column.name]
        differences = list(_differences(column, found, schema))
        if details is not None:
            differences += _detail_differences(column, found, details)
        if not differences:
            continue
        paste = [column.sql]
        if column.index_reason and details and column.name not in details.indexed:
            paste.append(column_index(table.name, column.name, on=table_sql(table, schema)))
        builder.add_issue(
            IssueKind.PROJECT,
            f"The table {table.name} already has a column {column.name}, but it"
            f" {', and '.join(differences)}.",
            path=path,
            line=table.line,
            hint="To keep it, leave it out of the command. To change it, edit the file so that it"
            " is defined as follows, then run: jobgen types",
            paste="\n".join(paste),
        )


def _differences(column: NewColumn, found: Column, schema: Schema) -> Iterator[str]:
    """Yield how an existing column differs from the requested one, as far as records show."""
    if found.type != column.type:
        wanted, present = spell_type(column.type, schema), spell_type(found.type, schema)
        yield f"is of the type {present}, not {wanted}"
    if found.not_null != column.not_null:
        yield "is NOT NULL" if found.not_null else "allows NULL"
    if found.identity or found.generated:
        yield "is generated"
    elif found.has_default != (column.default is not None):
        yield "has a default" if found.has_default else f"has no default, not {column.default}"


def _detail_differences(column: NewColumn, found: Column, details: TableDetails) -> Iterator[str]:
    """Yield the differences that only the text of Schema.sql shows."""
    if column.default is not None and found.has_default:
        default = details.defaults.get(column.name)
        if default is not None and default != normalized_default(column.default):
            yield f"has another default than {column.default}"
    target = details.references.get(column.name)
    wanted = column.references
    if wanted is None and target:
        yield f"refers to {'.'.join(target)}"
    elif wanted and not target:
        yield f"does not refer to {wanted.name}"
    elif wanted and target and target[-1:] != (wanted.name,):
        yield f"refers to {'.'.join(target)}, not to {wanted.name}"
    elif wanted and target and len(target) > 1 and target != tuple(wanted):
        yield f"refers to {'.'.join(target)}, not to {'.'.join(wanted)}"
    if column.unique != (column.name in details.unique):
        yield "is not UNIQUE" if column.unique else "is UNIQUE"
    elif column.index_reason and column.name not in details.indexed:
        yield "has no index"


def table_sql(table: Table, schema: Schema) -> str:
    """Return the table's name as the end of Schema.sql understands it."""
    name = quote_identifier(table.name)
    return name if schema.search_path else f"{quote_identifier(table.schema)}.{name}"
