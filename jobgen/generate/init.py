"""Jobs for the project in a folder: by its own table [tool.jobgen], or by what can be told."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from jobgen.errors import JobgenError, UsageError
from jobgen.generate.reading import schema_reader
from jobgen.naming import parse_application_name
from jobgen.plan.application import Application, layout_of, layout_paths
from jobgen.plan.init import plan_init
from jobgen.plan.model import Plan
from jobgen.plan.new import package_name
from jobgen.project import CONFIG_FILE, Project, find_project, read_snapshot
from jobgen.project.existing import ExistingProject, read_existing
from jobgen.project.requirement import EXTRAS, GENERATOR, RUNTIME, installed_requirement
from jobgen.render.project import render_project


def init_plan(root: Path, layout: str | None, app: str | None) -> Plan:
    """The plan of `jobgen init` for the folder `root`.

    Raises UsageError for names that cannot be meant, and for options that contradict the
    table that is there already.
    """
    existing = read_existing(root)
    project = _configured(root)
    if project is None:
        project = _proposed(root, existing, layout or "guide", app)
    elif layout not in {None, layout_of(project.paths)} or app not in {None, project.application}:
        raise UsageError(
            f"{CONFIG_FILE} has [tool.jobgen] already, and it says otherwise.",
            hint="Change it there, or run the command without --layout and --app.",
        )
    application = Application(
        project,
        name=existing.name,
        layout=layout_of(project.paths),
        runtime=installed_requirement(RUNTIME, EXTRAS),
        generator=installed_requirement(GENERATOR),
        existing=True,
        web_framework=existing.web.framework if existing.web else "",
    )
    rendered = render_project(application.answers)
    snapshot = read_snapshot(project, [*rendered, project.types_path, PurePosixPath(CONFIG_FILE)])
    return plan_init(snapshot, application, existing, rendered, schema_reader(project))


def _configured(root: Path) -> Project | None:
    """The project whose table is in the folder's own pyproject.toml."""
    try:
        project = find_project(root)
    except JobgenError:
        # The plan says it, with the file's fault, where that is the reason.
        if _mentions_table(root):
            raise
        return None
    if project.root == root:
        return project
    if not (root / CONFIG_FILE).exists():
        raise JobgenError(
            f"This folder belongs to the project {project.root}, which has jobs already.",
            hint=f"Run the command there; or give this folder its own {CONFIG_FILE} first.",
        )
    return None


def _mentions_table(root: Path) -> bool:
    try:
        return b"[tool.jobgen" in (root / CONFIG_FILE).read_bytes()
    except OSError:
        return False


def _proposed(root: Path, existing: ExistingProject, layout: str, app: str | None) -> Project:
    """The project as the table that is to be written will describe it."""
    if app is not None:
        application = parse_application_name(app)
    elif layout == "guide":
        application = "Web"
    else:
        try:
            application = existing.package or package_name(existing.name)
            parse_application_name(application)
        except UsageError as error:
            raise UsageError(error.message, hint="Name the application with --app.") from None
    return Project(
        root=root,
        source=existing.source,
        application=application,
        paths=layout_paths(layout, existing.source),
    )
