"""`jobgen init`: jobs for an application that exists already."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from jobgen_runtime.project import DEFAULT_APPLICATION

from jobgen.apply import last_receipt
from jobgen.errors import JobgenError, UsageError
from jobgen.generate.inputs import schema_reader
from jobgen.naming import parse_application_name
from jobgen.plan.application import Application, layout_of, layout_paths, setup_module
from jobgen.plan.init import plan_init
from jobgen.plan.model import Plan
from jobgen.plan.new import package_name
from jobgen.project import CONFIG_FILE, Project, find_project, read_snapshot
from jobgen.project.existing import ExistingProject, read_existing
from jobgen.project.migration_tool import upgrade_command
from jobgen.project.module_clashes import require_application
from jobgen.project.requirement import (
    DJANGO_EXTRAS,
    EXTRAS,
    GENERATOR,
    RUNTIME,
    WSGI_EXTRAS,
    installed_requirement,
)
from jobgen.render.project import render_project

_FRAMEWORK_EXTRAS = {"Django": DJANGO_EXTRAS, "Flask": WSGI_EXTRAS}
"""The extras of the runtime that a web framework needs."""


def make_plan(root: Path, layout: str | None = None, app: str | None = None) -> Plan:
    """Make the plan of `jobgen init`.

    Args:
        root: The folder of the application.
        layout: The layout of new files, `guide` or `pep8`; None for the configured one, or
            `guide`.
        app: The application that jobs belong to; None for the configured one, `Web`, or with
            `pep8` the project's package.

    Raises:
        UsageError: A name is invalid, or contradicts the table [tool.jobgen] in the folder.
        JobgenError: The folder belongs to a project, or its table cannot be read.
    """
    existing = read_existing(root)
    project = _configured(root)
    if project is None:
        project = _proposed(root, existing, layout or "guide", app)
        require_application(
            project,
            project.application,
            lambda other: f"Choose another name for the application, such as --app {other}.",
        )
    elif layout not in {None, layout_of(project.paths)} or app not in {None, project.application}:
        raise UsageError(
            f"{CONFIG_FILE} already has [tool.jobgen], with another layout or application.",
            hint=f"{_way_back(root)}, or run the command without --layout and --app.",
        )
    framework = existing.web.framework if existing.web else ""
    application = Application(
        project,
        name=existing.name,
        layout=layout_of(project.paths),
        runtime=installed_requirement(RUNTIME, _FRAMEWORK_EXTRAS.get(framework, EXTRAS)),
        generator=installed_requirement(GENERATOR),
        existing=True,
        web_framework=framework,
        django_settings=existing.settings if project.setup else "",
        upgrade=upgrade_command(root) or "",
    )
    rendered = render_project(application.answers)
    snapshot = read_snapshot(project, [*rendered, project.types_path, PurePosixPath(CONFIG_FILE)])
    return plan_init(snapshot, application, existing, rendered, schema_reader(project))


def _configured(root: Path) -> Project | None:
    """Return the project whose table is in the folder's own pyproject.toml, or None."""
    try:
        project = find_project(root)
    except JobgenError:
        # A file without the table is an issue of the plan, with the line that is wrong.
        if _mentions_table(root):
            raise
        return None
    if project.root == root:
        return project
    if not (root / CONFIG_FILE).exists():
        raise JobgenError(
            f"This folder belongs to the project {project.root}, which already has jobs.",
            hint=f"Run the command there, or create a {CONFIG_FILE} in this folder first.",
        )
    return None


def _way_back(root: Path) -> str:
    """Return how to begin with another layout or application."""
    last = last_receipt(root)
    if last is None or last.generator != "init":
        return "Change the table"
    return "Run `jobgen undo`, which takes the last `jobgen init` back, and then the command again"


def _mentions_table(root: Path) -> bool:
    try:
        return b"[tool.jobgen" in (root / CONFIG_FILE).read_bytes()
    except OSError:
        return False


def _proposed(root: Path, existing: ExistingProject, layout: str, app: str | None) -> Project:
    """Return the project that the new table [tool.jobgen] will describe."""
    if app is not None:
        application = parse_application_name(app)
    elif layout == "guide":
        application = DEFAULT_APPLICATION
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
        setup=setup_module(layout) if existing.settings else None,
    )
