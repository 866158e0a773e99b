"""Plan a job: its table, its module, its registrations and its record."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from jobgen.columns.arguments import NewColumn
from jobgen.errors import JobgenError, UsageError
from jobgen.job_block.context import taken_names
from jobgen.job_block.unique import UniqueJob, nullable_columns, requested_unique
from jobgen.naming import JobName, quote_identifier, record_name, snake_case
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.config_edit import add_record_name
from jobgen.plan.existing_table import check_existing_table, check_unique_index
from jobgen.plan.first_test import gets_test
from jobgen.plan.job_advice import next_steps, report_warnings
from jobgen.plan.migrations import put_migration
from jobgen.plan.model import UPDATE_DATABASE, IssueKind, Plan
from jobgen.plan.registrations import (
    JobFiles,
    check_modules,
    register_job,
    template_data,
)
from jobgen.plan.requested_columns import requested_columns
from jobgen.plan.schema_template import NewTable, append_table
from jobgen.plan.table_change import TableChange, WriteMigration, sql_statements
from jobgen.plan.types import put_types, schema_or_issue
from jobgen.project import CONFIG_FILE, Project, Snapshot
from jobgen.render import Template
from jobgen.schema.load import ReadSchema
from jobgen.schema.model import Schema, Table


@dataclass(frozen=True, slots=True)
class JobRequest:
    """The job that the user asks for.

    Attributes:
        name: The job's name.
        app: The application that it belongs to.
        columns: Its own columns as they were typed.
        unique: The columns that make it unique, as they were typed.
        duration: While which jobs count for that; None for the default.
        results: Those that the job fills, as they were typed.
        no_test: Whether it gets no test, even where jobs get one.
    """

    name: JobName
    app: str
    columns: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    duration: str | None = None
    results: tuple[str, ...] = ()
    no_test: bool = False

    @property
    def args(self) -> dict[str, object]:
        """The arguments for the plan and for its receipt."""
        return {
            "name": self.name.module,
            "columns": list(self.columns),
            "app": self.app,
            **({"unique": list(self.unique)} if self.unique else {}),
            **({"while": self.duration} if self.duration else {}),
            **({"result": list(self.results)} if self.results else {}),
            **({"no_test": True} if self.no_test else {}),
        }


@dataclass(frozen=True, slots=True)
class JobTemplates:
    """The two templates of a job: one for its modules, one for its block in Schema.sql."""

    job: Template
    schema: Template


def resolve_spelling(name: JobName, typed: str, project: Project) -> JobName:
    """Return the job's name as the project spells it.

    A name typed in snake case does not tell which letters are capitals: `generate_urls` is
    `GenerateURLs` if [tool.jobgen.records] has that record for its table. A record with an
    unrelated name is the user's choice and does not change the job's name.

    Args:
        name: The parsed name.
        typed: The name as it was typed.
        project: The project.
    """
    record = project.records.get(name.table)
    if record is None:
        return name
    module = record.removesuffix("Job")
    if snake_case(module) != snake_case(name.module):
        return replace(name, record=record)
    return replace(name, module=module, record=record) if typed == typed.lower() else name


def plan_job(
    snapshot: Snapshot,
    request: JobRequest,
    templates: JobTemplates,
    read: ReadSchema,
    write: WriteMigration | None = None,
) -> Plan:
    """Make the plan of `jobgen job`: all parts of the job, or the issues that prevent any.

    Args:
        snapshot: The project's files.
        request: The job.
        templates: The templates of its modules and of its table.
        read: Reads Schema.sql.
        write: Writes the migration of the table; None if `jobgen migrate` creates it.
    """
    builder = PlanBuilder(snapshot, "job", request.args)
    files = JobFiles(snapshot.project, request.app, request.name)
    free = [builder.check_path(path) for path in files.paths]
    schema = schema_or_issue(builder, read)
    if schema is None or not all(free) or not check_modules(builder, files):
        return builder.plan()
    columns = requested_columns(
        builder, request.columns, schema, request.name.table, results=request.results
    )
    if columns is None:
        return builder.plan()
    builder.warnings += [column.warning for column in columns if column.warning]
    try:
        unique = _requested_unique(builder, request, columns, schema)
    except UsageError as error:
        builder.add_error(error)
        return builder.plan()
    _check_collisions(builder, files, columns, schema, unique)
    if builder.is_blocked:
        return builder.plan()
    update: tuple[str, ...] = (UPDATE_DATABASE,)
    if schema.find_table(request.name.table) is None:
        try:
            schema, block = append_table(
                builder,
                templates.schema,
                NewTable(request.name, columns, unique),
                schema=schema,
                read=read,
            )
        except JobgenError as error:
            builder.add_error(error)
            return builder.plan()
        update = put_migration(builder, write, _creation(files, block, columns))
    else:
        builder.keep(snapshot.project.schema_path)
    records = _records(builder, files)
    table = schema.find_table(request.name.table)
    _put_modules(builder, files, templates.job, table, no_test=request.no_test)
    register_job(builder, files)
    put_types(builder, schema, records)
    builder.warnings += report_warnings(files, table, schema)
    if builder.is_pending:
        results = columns[len(request.columns) :]
        builder.next_steps = next_steps(builder, files, table, schema, results, update=update)
    else:
        builder.next_steps = []
    return builder.plan()


def _creation(files: JobFiles, block: str, columns: tuple[NewColumn, ...]) -> TableChange:
    """Return the change that creates the job's table."""
    table = files.name.table
    return TableChange(
        f"create {table}",
        table,
        files.path,
        sql_statements(block),
        (f"DROP TABLE {quote_identifier(table)}",),
        tuple(column.references.name for column in columns if column.references),
    )


def _put_modules(
    builder: PlanBuilder, files: JobFiles, template: Template, table: Table | None, *, no_test: bool
) -> None:
    """Write the job's module, its test, and the lists of jobs that are missing."""
    snapshot = builder.snapshot
    data = template_data(builder, files, table)
    if not gets_test(builder, files, table, no_test=no_test):
        data["test_path"] = ""
    rendered = template.render(data)
    last = snapshot.project.main_path
    for path in sorted(rendered, key=lambda path: (path != files.path, path == last)):
        is_written = path == files.path and _defines(snapshot.before(path), files.name)
        if is_written or (path == files.test and snapshot.before(path) is not None):
            builder.keep_edited(path, rendered[path])
        else:
            builder.put_new(path, rendered[path])


def _requested_unique(
    builder: PlanBuilder, request: JobRequest, columns: tuple[NewColumn, ...], schema: Schema
) -> UniqueJob | None:
    """Return what makes the job unique; None if nothing does.

    Raises:
        UsageError: `--unique` or `--while` is not valid.
    """
    table = schema.find_table(request.name.table)
    unique = requested_unique(request.unique, request.duration, columns, table, schema)
    if unique is not None:
        for column in nullable_columns(unique, columns, table, schema):
            builder.warnings.append(
                f"{column} allows NULL, and NULL equals no other NULL: jobs without"
                f" {column} are not duplicates of each other."
            )
    return unique


def _defines(module: bytes | None, name: JobName) -> bool:
    """Return whether a module, edited or not, has the job's class."""
    text = (module or b"").decode(errors="replace")
    return re.search(rf"^[ \t]*class {name.module}\b", text, re.MULTILINE) is not None


def _records(builder: PlanBuilder, files: JobFiles) -> dict[str, str]:
    """Return the names of records, with the job's own.

    A record whose name does not follow from the table's name, such as one with other capitals,
    is added to pyproject.toml.
    """
    records = dict(builder.project.records)
    name = files.name
    if record_name(name.table, records) == name.record:
        return records
    path = PurePosixPath(CONFIG_FILE)
    edited = add_record_name(builder.snapshot.before(path) or b"", name.table, name.record)
    if edited is None:
        builder.add_issue(
            IssueKind.PROJECT,
            f"{path} cannot be edited, and must have the name of the record {name.record}.",
            path=path,
            hint="Add this to its table [tool.jobgen.records], then run the command again.",
            paste=f'{name.table} = "{name.record}"',
        )
    else:
        builder.put(path, edited)
    return {**records, name.table: name.record}


def _check_collisions(
    builder: PlanBuilder,
    files: JobFiles,
    columns: tuple[NewColumn, ...],
    schema: Schema,
    unique: UniqueJob | None,
) -> None:
    """Add an issue for every name of the job that is taken."""
    name = files.name
    for job in builder.snapshot.jobs:
        if f"{job.snake_name}_jobs" == name.table and job.path != files.path:
            builder.add_issue(
                IssueKind.PROJECT,
                f"{name.module} would share the table {name.table} with the job {job.name} of"
                f" {job.app} ({job.path}).",
                path=job.path,
                hint="Choose another name, or name that job and its application.",
            )
    table = schema.find_table(name.table)
    if table is None:
        for taken in taken_names(name, columns, schema, unique):
            builder.add_issue(
                IssueKind.PROJECT,
                f"The job needs the name {taken} in the database, but it is taken in"
                f" {builder.project.schema_path}.",
                path=builder.project.schema_path,
                hint="Choose another name for the job.",
            )
    else:
        check_existing_table(builder, files, table, columns, schema)
        if unique is not None and not builder.is_blocked:
            check_unique_index(builder, table, unique, schema)
