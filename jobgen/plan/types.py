"""Generated/Types.py: one typed record for every table."""

from __future__ import annotations

from collections.abc import Mapping

from jobgen.errors import JobgenError
from jobgen.plan.builder import Builder
from jobgen.plan.model import IssueKind, Plan
from jobgen.project import Snapshot
from jobgen.schema.errors import SchemaError
from jobgen.schema.load import ReadSchema, decode_schema
from jobgen.schema.model import Schema
from jobgen.types_file import WRITTEN_BY, RecordClashError, render_types


def plan_types(snapshot: Snapshot, read: ReadSchema) -> Plan:
    """Bring the typed records into step with Schema.sql."""
    builder = Builder(snapshot, "types", {})
    put_types_of_schema_file(builder, read)
    return builder.plan()


def put_types_of_schema_file(builder: Builder, read: ReadSchema) -> None:
    """Have Types.py hold one record for each table of Schema.sql."""
    schema = read_or_issue(builder, read)
    if schema is not None:
        put_types(builder, schema, builder.project.records)


def read_or_issue(builder: Builder, read: ReadSchema) -> Schema | None:
    """What Schema.sql declares; None where it cannot be read, which is an issue then."""
    path = builder.project.schema_path
    if not builder.is_usable(path):
        return None
    try:
        return read(decode_schema(builder.snapshot.before(path), path), path)
    except SchemaError as error:
        builder.issue(
            IssueKind.PROJECT,
            error.message,
            path=path,
            line=error.line,
            column=error.column,
            hint=error.hint,
        )
    except JobgenError as error:
        builder.fault(error)
    return None


def put_types(builder: Builder, schema: Schema, records: Mapping[str, str]) -> None:
    """Have Types.py hold the records of `schema`; `records` are the names given to tables."""
    path = builder.project.types_path
    if not builder.is_usable(path):
        return
    schema_path = builder.project.schema_path
    try:
        text = render_types(schema, overrides=records, schema_path=str(schema_path))
    except RecordClashError as error:
        for clash in error.clashes:
            builder.issue(
                IssueKind.PROJECT,
                clash.message,
                path=schema_path,
                line=clash.line,
                hint=clash.hint,
            )
        return
    before = builder.snapshot.before(path)
    builder.put(path, text.encode())
    if before and before.strip() and WRITTEN_BY.encode() not in before.partition(b"\n")[0]:
        builder.issue(
            IssueKind.CONFLICT,
            f"{path} is there already, and was not written by jobgen.",
            path=path,
            hint="Choose another path with `types` in [tool.jobgen.paths], or write over it with"
            " --force.",
        )
