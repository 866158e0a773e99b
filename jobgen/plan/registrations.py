"""Where a job is listed: its application's workers, all workers, and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from jobgen.errors import JobgenError
from jobgen.naming import JobName, snake_case
from jobgen.plan.builder import Builder
from jobgen.plan.imports import import_statement
from jobgen.project import CONFIG_FILE, Project
from jobgen.registration import (
    register_application,
    register_dashboard,
    register_worker,
    unregister_dashboard,
    unregister_worker,
)


@dataclass(frozen=True, slots=True)
class JobFiles:
    """One job of one application, with the files that belong to it."""

    project: Project
    app: str
    name: JobName

    @property
    def path(self) -> PurePosixPath:
        return self.project.job_path(self.app, self.name.module)

    @property
    def worker(self) -> PurePosixPath:
        return self.project.worker_path(self.app)

    @property
    def front_controller(self) -> PurePosixPath:
        return self.project.front_controller_path(self.app)

    @property
    def paths(self) -> tuple[PurePosixPath, ...]:
        """All files that generating or destroying the job may touch."""
        project = self.project
        default = project.front_controller_path(project.application)
        others = (self.path, self.worker, project.main_path, self.front_controller, default)
        return (project.schema_path, project.types_path, *others, PurePosixPath(CONFIG_FILE))


def register_job(builder: Builder, place: JobFiles) -> None:
    """List the job where those files are there already; missing ones are written by a template."""
    module = builder.project.module(place.path)
    builder.edit(place.worker, partial(register_worker, module=module, name=place.name.module))
    worker = builder.project.module(place.worker)
    builder.edit(
        builder.project.main_path, partial(register_application, module=worker, app=place.app)
    )
    if _has_dashboard(builder, place.front_controller):
        edit = partial(register_dashboard, module=module, name=place.name.module)
        builder.edit(place.front_controller, edit)
    else:
        _mention_dashboard(builder, place)


def template_data(builder: Builder, place: JobFiles) -> dict[str, object]:
    """What templates/job is filled with; lists that are there already are not in it."""
    project = builder.project
    main_needed = builder.content(project.main_path) is None
    worker_needed = builder.content(place.worker) is None
    apps = dict.fromkeys((*builder.snapshot.applications, place.app))
    workers = {
        f"{snake_case(app)}_workers": project.module(project.worker_path(app)) for app in apps
    }
    ordered = sorted(workers.items(), key=lambda item: item[1].lower())
    return {
        "job_path": str(place.path),
        "name": place.name.module,
        "record": place.name.record,
        "application": place.app,
        "types_import": import_statement(project.module(project.types_path), place.name.record),
        "worker_path": str(place.worker) if worker_needed else "",
        "job_import": import_statement(project.module(place.path), place.name.module),
        "main_path": str(project.main_path) if main_needed else "",
        "worker_imports": [import_statement(m, "workers", name) for name, m in ordered],
        "worker_names": list(workers),
    }


def unregister_job(builder: Builder, place: JobFiles) -> None:
    """Take the job out of every list; an application without jobs keeps its empty list."""
    module = builder.project.module(place.path)
    for path, unregister in (
        (place.worker, unregister_worker),
        (place.front_controller, unregister_dashboard),
    ):
        builder.edit(path, partial(unregister, module=module, name=place.name.module))


def require_modules(builder: Builder, place: JobFiles) -> bool:
    """Whether every file that is imported can be; what cannot becomes an issue."""
    project = builder.project
    try:
        for path in (place.path, place.worker, project.main_path, project.types_path):
            project.module(path)
    except JobgenError as error:
        builder.fault(error)
        return False
    return True


def _has_dashboard(builder: Builder, path: PurePosixPath) -> bool:
    return b"JobsDashboard" in (builder.content(path) or b"")


def _mention_dashboard(builder: Builder, place: JobFiles) -> None:
    project = builder.project
    default = project.front_controller_path(project.application)
    if default != place.front_controller and _has_dashboard(builder, default):
        builder.next_steps.append(f"The dashboard of {default} shows the job too, at /jobs.")
    else:
        builder.next_steps.append(
            "To see the job in a browser, mount a dashboard in your ASGI application:"
            ' `JobsDashboard(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"), jobs=[])` at /jobs,'
            " from jobgen_runtime.dashboard."
        )
