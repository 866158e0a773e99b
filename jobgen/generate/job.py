"""`jobgen job`: a table, a module, its registrations and its record."""

from __future__ import annotations

from collections.abc import Mapping

from jobgen_runtime.job_table.priority import PRIORITY_ARGUMENT
from jobgen_runtime.job_table.reports import REPORT_ARGUMENTS
from jobgen_runtime.job_table.traceparent import TRACEPARENT_ARGUMENT

from jobgen.generate.inputs import (
    find_template,
    migration_writer,
    resolve_application,
    schema_reader,
)
from jobgen.naming import parse_job_name
from jobgen.plan.destroy import drop_table_step
from jobgen.plan.job import JobRequest, JobTemplates, plan_job, resolve_spelling
from jobgen.plan.model import Plan
from jobgen.plan.registrations import JobFiles
from jobgen.project import Project, read_snapshot
from jobgen.project.module_clashes import require_application, require_module


def make_plan(
    project: Project,
    name: str,
    columns: tuple[str, ...] = (),
    app: str | None = None,
    *,
    priority: bool = False,
    unique: tuple[str, ...] = (),
    while_: str | None = None,
    on_failed: bool = False,
    result: tuple[str, ...] = (),
    no_test: bool = False,
    trace: bool = False,
) -> Plan:
    """Make the plan of `jobgen job`.

    Args:
        project: The project that gets the job.
        name: The job's name in any spelling.
        columns: The job's own columns as they were typed.
        app: The application; None for the project's default one.
        priority: Whether to add the column by which claims order jobs first.
        unique: The columns that make a job unique, as they were typed.
        while_: While which jobs count for that: a key of `UNIQUE_WHILE`; None for the default.
        on_failed: Whether the job is to report failures of other jobs.
        result: The columns that the job fills, as they were typed.
        no_test: Whether to write no test.
        trace: Whether to add the column that links a job's spans to that of its creation.

    Raises:
        UsageError: The name of the job or of the application is invalid, or a module would hide
            another one.
    """
    job = resolve_spelling(parse_job_name(name), name, project)
    files = JobFiles(project, resolve_application(project, app), job)
    require_application(project, files.app)
    require_module(project, files.path, "job")
    if priority:
        columns = (*columns, PRIORITY_ARGUMENT)
    if on_failed:
        columns = (*columns, *REPORT_ARGUMENTS)
    if trace:
        columns = (*columns, TRACEPARENT_ARGUMENT)
    request = JobRequest(job, files.app, columns, unique, while_, result, no_test)
    snapshot = read_snapshot(project, files.paths)
    return plan_job(
        snapshot, request, job_templates(project), schema_reader(project), migration_writer(project)
    )


def job_templates(project: Project) -> JobTemplates:
    """Load the two templates of a job: its module, and its block in Schema.sql.

    Raises:
        JobgenError: A template cannot be read.
    """
    return JobTemplates(job=find_template(project, "job"), schema=find_template(project, "schema"))


def undo_steps(arguments: Mapping[str, object]) -> tuple[str, ...]:
    """Return the SQL that drops the job's table, which undoing does not do."""
    return (drop_table_step(parse_job_name(str(arguments["name"])).table),)
