"""Each generator's plan for a project as it is on the disk now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jobgen.apply import is_interrupted, recover
from jobgen.errors import JobgenError
from jobgen.generate.reading import schema_reader
from jobgen.naming import parse_application_name, parse_job_name, parse_script_name
from jobgen.plan.destroy import drop_table_step, plan_destroy_job, plan_destroy_script
from jobgen.plan.job import JobRequest, JobTemplates, plan_job, resolve_spelling
from jobgen.plan.model import Plan
from jobgen.plan.registrations import JobFiles
from jobgen.plan.script import plan_script
from jobgen.plan.types import plan_types
from jobgen.project import Project, find_project, read_snapshot, same_name
from jobgen.render import Template, load_template


def open_project(start: Path, *, writes: bool) -> Project:
    """The project that `start` is in; a change that was cut short there is reversed first.

    Without `writes` nothing is written, so that such a change is an error. Raises JobgenError.
    """
    project = find_project(start)
    if is_interrupted(project.root):
        if not writes:
            raise JobgenError(
                "Another jobgen is at work in the project, or was cut short.",
                hint="Run the command without --dry-run or --check: it puts that right first.",
            )
        recover(project.root)
    return project


def job_plan(project: Project, name: str, columns: tuple[str, ...], app: str | None) -> Plan:
    """The plan of `jobgen job`. Raises UsageError for names that cannot be meant."""
    job = resolve_spelling(parse_job_name(name), name, project)
    place = JobFiles(project, _application(project, app), job)
    request = JobRequest(job, place.app, columns)
    snapshot = read_snapshot(project, place.paths)
    return plan_job(snapshot, request, _job_templates(project), schema_reader(project))


def script_plan(project: Project, name: str) -> Plan:
    """The plan of `jobgen script`. Raises UsageError for a name that cannot be meant."""
    script = parse_script_name(name)
    paths = [project.schema_path, project.script_path(script.module)]
    template = _template(project, "script")
    return plan_script(read_snapshot(project, paths), script, template, schema_reader(project))


def types_plan(project: Project) -> Plan:
    """The plan of `jobgen types`."""
    paths = [project.schema_path, project.types_path]
    return plan_types(read_snapshot(project, paths), schema_reader(project))


def destroy_job_plan(project: Project, name: str, app: str | None) -> Plan:
    """The plan of `jobgen destroy job`; without `app`, of the application that has the job."""
    job = resolve_spelling(parse_job_name(name), name, project)
    owners = [found.app for found in project.jobs() if f"{found.snake_name}_jobs" == job.table]
    if app is None and project.application not in owners and len(owners) == 1:
        app = owners[0]
    place = JobFiles(project, _application(project, app), job)
    snapshot = read_snapshot(project, place.paths)
    return plan_destroy_job(snapshot, place, _job_templates(project), schema_reader(project))


def destroy_script_plan(project: Project, name: str) -> Plan:
    """The plan of `jobgen destroy script`."""
    script = parse_script_name(name)
    paths = [project.schema_path, project.script_path(script.module)]
    template = _template(project, "script")
    return plan_destroy_script(
        read_snapshot(project, paths), script, template, schema_reader(project)
    )


def _application(project: Project, app: str | None) -> str:
    """The application that is meant, as it is spelled where it is there already."""
    if app is None:
        return project.application
    name = parse_application_name(app)
    known = (project.application, *project.applications())
    return next((there for there in known if same_name(there, name)), name)


def _template(project: Project, name: str) -> Template:
    own = None if project.templates is None else project.root / project.templates
    return load_template(name, own)


def _job_templates(project: Project) -> JobTemplates:
    return JobTemplates(job=_template(project, "job"), schema=_template(project, "schema"))


def undo_steps(generator: str, args: Mapping[str, object]) -> tuple[str, ...]:
    """What undoing a change leaves for the user to do: the database is never touched."""
    if generator != "job":
        return ()
    table = parse_job_name(str(args["name"])).table
    return (drop_table_step(table),)
