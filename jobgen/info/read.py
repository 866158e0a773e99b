"""Reads everything about a project; changes nothing and starts no server."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen_runtime.project import environment_database_url, project_database_url

from jobgen import __version__
from jobgen.check.files import check_files, paths_to_check
from jobgen.check.finding import Finding, Rule
from jobgen.check.runtime import Environment, check_runtime, read_environment
from jobgen.errors import JobgenError, UsageError
from jobgen.generate.inputs import schema_reader
from jobgen.info.address import address_without_secrets
from jobgen.info.job_class import read_job_class
from jobgen.info.model import DatabaseInfo, JobInfo, ProjectInfo, TableInfo, Versions
from jobgen.info.tables import describe_tables, display_name
from jobgen.naming import parse_job_name
from jobgen.plan.application import layout_of
from jobgen.plan.registrations import JobFiles, find_registrations
from jobgen.project import FoundFile, Project, Snapshot, project_errors, read_snapshot
from jobgen.project.existing import project_name
from jobgen.schema.load import decode_schema
from jobgen.schema.model import Schema


def read_info(project: Project, *, with_environment: bool = True) -> ProjectInfo:
    """Return everything about the project, as far as its files tell.

    What cannot be read is named in `not_checked` or `findings`; nothing is raised for it.

    Args:
        project: The project.
        with_environment: Whether to ask the project's Python for its versions, in a process.
    """
    not_checked: list[str] = []
    snapshot = read_snapshot(project, paths_to_check(project))
    read = schema_reader(project, starts_server=False)
    schema: Schema | None = None
    tables: tuple[TableInfo, ...] | None = None
    findings: list[Finding] = check_files(snapshot, read).findings
    path = project.schema_path
    try:
        text = decode_schema(snapshot.before(path), path)
        schema = read(text, path)
        tables = describe_tables(schema, text, path, project.root, project.records)
        not_checked += schema.notes
    except JobgenError as error:
        # The text may be valid all the same: only a server knows.
        findings = [each for each in findings if each.rule is not Rule.SCHEMA_INVALID]
        message = error.message.partition("\n")[0].removesuffix(".")
        not_checked.append(f"{message}. {error.hint or ''}".rstrip())
    environment = _environment(project, not_checked) if with_environment else None
    if environment is not None:
        findings += check_runtime(environment)
    return ProjectInfo(
        project=project,
        name=project_name(project.root),
        layout=layout_of(project.paths),
        applications=tuple(dict.fromkeys((project.application, *snapshot.applications))),
        jobs=tuple(job for file in snapshot.jobs if (job := _job(snapshot, file, schema, tables))),
        tables=tables,
        scripts=snapshot.scripts,
        database=_database(project, not_checked),
        versions=Versions(
            jobgen=__version__,
            runtime=environment.runtime if environment else None,
            python=environment.python if environment else None,
        ),
        findings=tuple(findings),
        not_checked=(*not_checked, "The database is not compared here: run `jobgen check`."),
    )


def _job(
    snapshot: Snapshot,
    file: FoundFile,
    schema: Schema | None,
    tables: tuple[TableInfo, ...] | None,
) -> JobInfo | None:
    """Return the job in a file; None for a module next to the jobs, such as `_shared`."""
    project = snapshot.project
    try:
        name = parse_job_name(file.name)
    except UsageError:
        return None
    files = JobFiles(project, file.app, name)
    found = schema.find_table(name.table) if schema else None
    displayed = display_name(found.qualified, schema) if schema and found else None
    table = next((each for each in tables or () if each.name == displayed), None)
    job_class = read_job_class(snapshot.before(file.path), name.module)
    return JobInfo(
        name=name.module,
        app=file.app,
        path=file.path,
        module=_module(project, file.path),
        line=job_class.line,
        table=displayed,
        columns=tuple(
            column for column in (table.columns if table else ()) if not column.of_every_job
        ),
        options=job_class.options,
        is_async=job_class.is_async,
        registered=find_registrations(snapshot, files),
        problem=job_class.problem,
    )


def _module(project: Project, path: PurePosixPath) -> str | None:
    try:
        return project.module(path)
    except JobgenError:
        return None


def _environment(project: Project, not_checked: list[str]) -> Environment | None:
    try:
        return read_environment(project.root)
    except JobgenError as error:
        not_checked.append(f"The version of jobgen-runtime is not known: {error.message}")
        return None


def _database(project: Project, not_checked: list[str]) -> DatabaseInfo:
    url = environment_database_url()
    if url is not None:
        address = address_without_secrets(url)
        if address is None:
            not_checked.append("DATABASE_URL is not an address that PostgreSQL can read.")
        return DatabaseInfo("DATABASE_URL", address)
    try:
        with project_errors():
            own = project_database_url(project.root)
    except JobgenError as error:
        not_checked.append(error.message)
        own = None
    return DatabaseInfo("project", address_without_secrets(own) if own else None)
