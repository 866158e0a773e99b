"""Register a job: with its application's workers, with all workers, and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from jobgen_runtime.job_table.reports import FAILED_ID, FAILED_TABLE

from jobgen.errors import JobgenError
from jobgen.naming import JobName, snake_case
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.imports import import_statement
from jobgen.project import CONFIG_FILE, Project, Snapshot
from jobgen.registration import (
    makes_dashboard,
    register_application,
    register_dashboard,
    register_worker,
    unregister_dashboard,
    unregister_worker,
)
from jobgen.schema.model import Table


@dataclass(frozen=True, slots=True)
class JobFiles:
    """The paths of the files that belong to one job of one application."""

    project: Project
    app: str
    name: JobName

    @property
    def path(self) -> PurePosixPath:
        """The module with the job's class."""
        return self.project.job_path(self.app, self.name.module)

    @property
    def test(self) -> PurePosixPath:
        """The module with the job's tests."""
        return self.project.test_path(self.app, self.name.module)

    @property
    def worker(self) -> PurePosixPath:
        """The module with the list of the application's jobs."""
        return self.project.worker_path(self.app)

    @property
    def front_controller(self) -> PurePosixPath:
        """The module with the application's dashboard."""
        return self.project.front_controller_path(self.app)

    @property
    def paths(self) -> tuple[PurePosixPath, ...]:
        """All files that generating or destroying the job may change."""
        project = self.project
        default = project.front_controller_path(project.application)
        others = (self.path, self.test, self.worker, project.main_path)
        dashboards = (self.front_controller, default)
        return (
            project.schema_path,
            project.types_path,
            *others,
            *dashboards,
            PurePosixPath(CONFIG_FILE),
        )


def register_job(builder: PlanBuilder, files: JobFiles) -> None:
    """Register the job in the existing files; the template writes the missing ones."""
    module = builder.project.module(files.path)
    builder.edit(files.worker, partial(register_worker, module=module, name=files.name.module))
    worker = builder.project.module(files.worker)
    builder.edit(
        builder.project.main_path, partial(register_application, module=worker, app=files.app)
    )
    if _has_dashboard(builder, files.front_controller):
        lists = (worker, builder.project.module(builder.project.main_path))
        edit = partial(register_dashboard, module=module, name=files.name.module, workers=lists)
        builder.edit(files.front_controller, edit)
    else:
        _add_dashboard_step(builder, files)


def find_registrations(snapshot: Snapshot, files: JobFiles) -> dict[PurePosixPath, bool | None]:
    """Return for each list of jobs whether it has the job.

    Returns:
        None for a list whose entries cannot be determined from the file. The front controller is
        left out if it makes no dashboard.
    """
    builder = PlanBuilder(snapshot, "check", {})
    register_job(builder, files)
    plan = builder.plan()
    unreadable = {issue.path for issue in plan.issues}
    ops = {change.path: change.op for change in plan.changes}
    lists = [files.worker, snapshot.project.main_path]
    if _has_dashboard(builder, files.front_controller):
        lists.append(files.front_controller)
    return {
        path: None if path in unreadable else ops.get(path) == "identical"
        for path in dict.fromkeys(lists)
    }


def reports_failures(table: Table | None) -> bool:
    """Return whether jobs of a table can report the failures of others."""
    names = {column.name for column in table.columns} if table is not None else set()
    return {FAILED_TABLE, FAILED_ID} <= names


def template_data(builder: PlanBuilder, files: JobFiles, table: Table | None) -> dict[str, object]:
    """Return the variables of templates/job; the path of an existing list is empty.

    Args:
        builder: The plan, with its project.
        files: The job's files.
        table: The job's table; None if it has none.
    """
    project = builder.project
    main_needed = builder.content(project.main_path) is None
    worker_needed = builder.content(files.worker) is None
    apps = dict.fromkeys((*builder.snapshot.applications, files.app))
    workers = {
        f"{snake_case(app)}_workers": project.module(project.worker_path(app)) for app in apps
    }
    ordered = sorted(workers.items(), key=lambda item: item[1].lower())
    return {
        "job_path": str(files.path),
        "name": files.name.module,
        "record": files.name.record,
        "application": files.app,
        "reports_failures": reports_failures(table),
        "types_import": import_statement(project.module(project.types_path), files.name.record),
        "test_path": str(files.test),
        "test_name": snake_case(files.name.module),
        "worker_path": str(files.worker) if worker_needed else "",
        "job_import": import_statement(project.module(files.path), files.name.module),
        "main_path": str(project.main_path) if main_needed else "",
        "setup_module": project.setup or "",
        "worker_imports": [import_statement(m, "workers", name) for name, m in ordered],
        "worker_names": list(workers),
    }


def unregister_job(builder: PlanBuilder, files: JobFiles) -> None:
    """Remove the job from every list; an application without jobs keeps its empty list."""
    module = builder.project.module(files.path)
    for path, unregister in (
        (files.worker, unregister_worker),
        (files.front_controller, unregister_dashboard),
    ):
        builder.edit(path, partial(unregister, module=module, name=files.name.module))


def check_modules(builder: PlanBuilder, files: JobFiles) -> bool:
    """Return whether all modules of the job can be imported; if not, add an issue."""
    project = builder.project
    try:
        for path in (files.path, files.worker, project.main_path, project.types_path):
            project.module(path)
    except JobgenError as error:
        builder.add_error(error)
        return False
    return True


def _has_dashboard(builder: PlanBuilder, path: PurePosixPath) -> bool:
    return makes_dashboard(builder.content(path) or b"")


def _add_dashboard_step(builder: PlanBuilder, files: JobFiles) -> None:
    project = builder.project
    default = project.front_controller_path(project.application)
    if default != files.front_controller and _has_dashboard(builder, default):
        builder.next_steps.append(f"The dashboard of {default} shows the job too, at /jobs.")
    else:
        builder.next_steps.append(
            "To see the job in a browser, mount a dashboard in your ASGI application:"
            ' `JobsDashboard(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"), jobs=[])` at /jobs,'
            " from jobgen_runtime.dashboard."
        )
