"""A job: its table, its module, its registrations and its record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from jobgen.columns.arguments import NewColumn, parse_columns
from jobgen.errors import JobgenError
from jobgen.job_block.context import taken_names
from jobgen.job_block.edit import append_block
from jobgen.job_block.recognise import is_job_table
from jobgen.job_block.render import render_block
from jobgen.naming import JobName, record_name, snake_case
from jobgen.plan.builder import Builder
from jobgen.plan.config_edit import add_record_name
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.registrations import JobFiles, register_job, require_modules, template_data
from jobgen.plan.types import put_types, read_or_issue
from jobgen.project import CONFIG_FILE, Project, Snapshot
from jobgen.render import Template
from jobgen.schema.load import ReadSchema
from jobgen.schema.model import Schema, Table


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What the user asks for: a job, its own columns as they were typed, its application."""

    name: JobName
    app: str
    columns: tuple[str, ...] = ()

    @property
    def args(self) -> dict[str, object]:
        return {"name": self.name.module, "columns": list(self.columns), "app": self.app}


@dataclass(frozen=True, slots=True)
class JobTemplates:
    """The two templates of a job: its modules, and its block of Schema.sql."""

    job: Template
    schema: Template


def resolve_spelling(name: JobName, typed: str, project: Project) -> JobName:
    """The job as its project spells it.

    A name typed in snake case does not say which letters are capitals: `generate_urls` is
    `GenerateURLs` where [tool.jobgen.records] has that for its table. A record that is called
    something else altogether is the user's choice.
    """
    record = project.records.get(name.table)
    if record is None:
        return name
    module = record.removesuffix("Job")
    if snake_case(module) != snake_case(name.module):
        return replace(name, record=record)
    return replace(name, module=module, record=record) if typed == typed.lower() else name


def plan_job(
    snapshot: Snapshot, request: JobRequest, templates: JobTemplates, read: ReadSchema
) -> Plan:
    """All four parts of a job, or what stands in the way of any of them."""
    builder = Builder(snapshot, "job", request.args)
    place = JobFiles(snapshot.project, request.app, request.name)
    usable = [builder.is_usable(path) for path in place.paths]
    schema = read_or_issue(builder, read)
    if schema is None or not all(usable) or not require_modules(builder, place):
        return builder.plan()
    try:
        columns = parse_columns(request.columns, schema)
    except JobgenError as error:
        builder.fault(error)
        return builder.plan()
    _refuse_collisions(builder, place, columns, schema)
    if builder.is_blocked:
        return builder.plan()
    if schema.find_table(request.name.table) is None:
        block = render_block(templates.schema, request.name, columns, schema)
        schema = _append(builder, block, schema, read)
    else:
        builder.keep(snapshot.project.schema_path)
    records = _records(builder, place)
    rendered = templates.job.render(template_data(builder, place))
    last = snapshot.project.main_path
    for path in sorted(rendered, key=lambda path: (path != place.path, path == last)):
        builder.put_new(path, rendered[path])
    register_job(builder, place)
    put_types(builder, schema, records)
    builder.next_steps = _next_steps(builder, place) if builder.is_pending else []
    return builder.plan()


def _next_steps(builder: Builder, place: JobFiles) -> list[str]:
    return [
        f"Write what the job does in {place.path}.",
        "Bring the database up to date: jobgen migrate",
        (
            f"Start one with a script (jobgen script Run{place.name.module}Job), or anywhere"
            f" with: await {place.name.record}.create()"
        ),
        *builder.next_steps,
    ]


def _append(builder: Builder, block: str, schema: Schema, read: ReadSchema) -> Schema:
    """Append the table to Schema.sql: what it declares afterwards."""
    path = builder.project.schema_path
    before = builder.snapshot.before(path)
    content, after = append_block(before, block, schema, read, path)
    builder.put(path, content)
    if before is None:
        builder.warnings.append(f"{path} was not there: it is made.")
    return after


def _records(builder: Builder, place: JobFiles) -> dict[str, str]:
    """The names of records; one whose capitals the table's name does not tell is written down."""
    records = dict(builder.project.records)
    name = place.name
    if record_name(name.table, records) == name.record:
        return records
    path = PurePosixPath(CONFIG_FILE)
    edited = add_record_name(builder.snapshot.before(path) or b"", name.table, name.record)
    if edited is None:
        builder.issue(
            IssueKind.PROJECT,
            f"{path} cannot be edited, and has to say how {name.record} is spelled.",
            path=path,
            hint="Add this to [tool.jobgen.records] there, then run the command again.",
            paste=f'{name.table} = "{name.record}"',
        )
    else:
        builder.put(path, edited)
    return {**records, name.table: name.record}


def _refuse_collisions(
    builder: Builder, place: JobFiles, columns: tuple[NewColumn, ...], schema: Schema
) -> None:
    """Make an issue of every name that means something else already."""
    name = place.name
    for job in builder.snapshot.jobs:
        if f"{job.snake_name}_jobs" == name.table and job.path != place.path:
            builder.issue(
                IssueKind.PROJECT,
                f"{name.module} would share the table {name.table} with the job {job.name} of"
                f" {job.app} ({job.path}).",
                path=job.path,
                hint="Choose another name, or run the command for that job.",
            )
    table = schema.find_table(name.table)
    if table is None:
        for taken in taken_names(name, columns, schema):
            builder.issue(
                IssueKind.PROJECT,
                f"The name {taken}, which the job needs in the database, is taken in"
                f" {builder.project.schema_path}.",
                path=builder.project.schema_path,
                hint="Choose another name for the job.",
            )
    else:
        _refuse_other_table(builder, place, table, columns)


def _refuse_other_table(
    builder: Builder, place: JobFiles, table: Table, columns: tuple[NewColumn, ...]
) -> None:
    """Take a job's table that is there already as it is, and nothing else for one."""
    name, path = place.name, builder.project.schema_path
    record = record_name(table.name, builder.project.records)
    missing = [column for column in columns if table.column(column.name) is None]
    if not is_job_table(table):
        builder.issue(
            IssueKind.PROJECT,
            f"{path} has a table {table.name} already, and it is not a job's.",
            path=path,
            line=table.line,
            hint="Choose another name for the job.",
        )
    elif record != name.record:
        builder.issue(
            IssueKind.PROJECT,
            f"{name.module} is another spelling of {record.removesuffix('Job')}, which has the"
            f" table {table.name} already.",
            path=path,
            line=table.line,
            hint=f"Use that spelling: jobgen job {record.removesuffix('Job')}",
        )
    elif missing:
        builder.issue(
            IssueKind.PROJECT,
            f"The table {table.name} is there already, without the column"
            f"{'s' if len(missing) > 1 else ''} {', '.join(column.name for column in missing)}.",
            path=path,
            line=table.line,
            hint="Add this to it, then run the command without columns, or `jobgen types`.",
            paste="\n".join(
                f"ALTER TABLE {table.name} ADD COLUMN {column.sql};" for column in missing
            ),
        )
    elif builder.snapshot.before(place.path) is None:
        builder.warnings.append(f"The table {table.name} is there already: it is used as it is.")
