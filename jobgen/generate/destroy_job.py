"""`jobgen destroy job`: the inverse of `jobgen job`."""

from __future__ import annotations

from jobgen.generate.inputs import migration_writer, resolve_application, schema_reader
from jobgen.generate.job import job_templates
from jobgen.naming import parse_job_name
from jobgen.plan.destroy import plan_destroy_job
from jobgen.plan.job import resolve_spelling
from jobgen.plan.model import Plan
from jobgen.plan.registrations import JobFiles
from jobgen.project import Project, read_snapshot


def make_plan(project: Project, name: str, app: str | None = None) -> Plan:
    """Make the plan of `jobgen destroy job`.

    Args:
        project: The project that has the job.
        name: The job's name in any spelling.
        app: The application; None for the default one, or for the only one that has the job.

    Raises:
        UsageError: The name of the job or of the application is invalid.
    """
    job = resolve_spelling(parse_job_name(name), name, project)
    owners = [found.app for found in project.jobs() if f"{found.snake_name}_jobs" == job.table]
    if app is None and project.application not in owners and len(owners) == 1:
        app = owners[0]
    files = JobFiles(project, resolve_application(project, app), job)
    snapshot = read_snapshot(project, files.paths)
    return plan_destroy_job(
        snapshot, files, job_templates(project), schema_reader(project), migration_writer(project)
    )
