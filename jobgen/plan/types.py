"""Plan Generated/Types.py, which has one typed record for every table."""

from __future__ import annotations

from collections.abc import Mapping

from jobgen.errors import JobgenError
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.models import put_models
from jobgen.project import Snapshot
from jobgen.project.models import ModelLibrary
from jobgen.schema.errors import SchemaError
from jobgen.schema.load import ReadSchema, decode_schema
from jobgen.schema.model import Schema
from jobgen.types_file import WRITTEN_BY, RecordClashError, render_types


def plan_types(snapshot: Snapshot, read: ReadSchema) -> Plan:
    """Make the plan of `jobgen types`: the typed records that match Schema.sql."""
    builder = PlanBuilder(snapshot, "types", {})
    put_types_of_schema_file(builder, read)
    return builder.plan()


def plan_models(
    snapshot: Snapshot, read: ReadSchema, library: ModelLibrary, *, app_label: str = ""
) -> Plan:
    """Make the plan of `jobgen models`: the models of the tables of jobs.

    Args:
        snapshot: The project's files, and the models that are there.
        read: Reads Schema.sql.
        library: The library of the models.
        app_label: The label of Django's app that they belong to.
    """
    args = {"label": app_label} if app_label else {}
    builder = PlanBuilder(snapshot, f"models {library}", args)
    schema = schema_or_issue(builder, read)
    if schema is not None:
        put_models(builder, schema, snapshot.project.records, app_label=app_label)
    module = snapshot.project.module(snapshot.project.models_path(library))
    if builder.is_pending and library == "django":
        builder.next_steps += [
            f"Import them in the app's models: from {module} import *  # noqa: F403",
            "Let Django know them: python manage.py makemigrations. No table is changed.",
        ]
    elif builder.is_pending:
        builder.next_steps.append(f"Use them in queries: from {module} import …")
    return builder.plan()


def put_types_of_schema_file(builder: PlanBuilder, read: ReadSchema) -> None:
    """Write Types.py with one record for each table of Schema.sql."""
    schema = schema_or_issue(builder, read)
    if schema is not None:
        put_types(builder, schema, builder.project.records)


def schema_or_issue(builder: PlanBuilder, read: ReadSchema) -> Schema | None:
    """Return the schema that Schema.sql declares; None after adding an issue if it has none."""
    path = builder.project.schema_path
    if not builder.check_path(path):
        return None
    try:
        schema = read(decode_schema(builder.snapshot.before(path), path), path)
    except SchemaError as error:
        builder.add_issue(
            IssueKind.PROJECT,
            error.message,
            path=path,
            line=error.line,
            column=error.column,
            hint=error.hint,
        )
    except JobgenError as error:
        builder.add_error(error)
    else:
        builder.warnings += schema.notes
        return schema
    return None


def put_types(builder: PlanBuilder, schema: Schema, records: Mapping[str, str]) -> None:
    """Write Types.py with the records of a schema.

    Args:
        builder: The plan.
        schema: The schema.
        records: The names of records that [tool.jobgen.records] gives to tables.
    """
    path = builder.project.types_path
    if not builder.check_path(path):
        return
    schema_path = builder.project.schema_path
    try:
        text = render_types(schema, overrides=records, schema_path=str(schema_path))
    except RecordClashError as error:
        for clash in error.clashes:
            builder.add_issue(
                IssueKind.PROJECT,
                clash.message,
                path=schema_path,
                line=clash.line,
                hint=clash.hint,
            )
        return
    put_models(builder, schema, records)
    before = builder.snapshot.before(path)
    builder.put(path, text.encode())
    if before and before.strip() and WRITTEN_BY.encode() not in before.partition(b"\n")[0]:
        builder.add_issue(
            IssueKind.CONFLICT,
            f"{path} already exists and was not written by jobgen.",
            path=path,
            hint="Choose another path with `types` in [tool.jobgen.paths], or overwrite it with"
            " --force.",
        )
