"""An application as the answers to the questions of templates/project."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import PurePosixPath

from jobgen.naming import snake_case
from jobgen.project import GUIDE, PEP8, Paths, Project

LAYOUTS = {"guide": GUIDE, "pep8": PEP8}


@dataclass(frozen=True, slots=True)
class Application:
    """The application that `jobgen new` or `jobgen init` writes.

    Attributes:
        project: Its paths and its default application.
        name: Its name, as in pyproject.toml.
        layout: The layout of its paths, `guide` or `pep8`.
        runtime: The requirement of jobgen-runtime.
        generator: The requirement of jobgen.
        existing: Whether it exists already.
        web_framework: The web framework of an existing application; "" if none was found.
        django_settings: The module of Django's settings, for an application that uses Django.
        upgrade: The command that applies the migrations of Alembic or Django; "" without them.
    """

    project: Project
    name: str
    layout: str
    runtime: str
    generator: str
    existing: bool = False
    web_framework: str = ""
    django_settings: str = ""
    upgrade: str = ""

    @property
    def answers(self) -> dict[str, object]:
        """The answers to all questions of the template."""
        project, app = self.project, self.project.application
        worker, front_controller = project.worker_path(app), project.front_controller_path(app)
        return {
            "project_name": self.name,
            "layout": self.layout,
            "existing": self.existing,
            "web_framework": self.web_framework,
            "django_settings": self.django_settings,
            "upgrade_command": self.upgrade,
            "setup_module": project.setup or "",
            "setup_path": _module_path(project, project.setup or ""),
            "application": app,
            "workers_name": f"{snake_case(app)}_workers",
            "runtime": self.runtime,
            "generator": self.generator,
            "source": str(project.source),
            "patterns": _patterns(project),
            "app_folder": str(worker.parent),
            "schema_path": str(project.schema_path),
            "types_path": str(project.types_path),
            "job_folder": str(project.job_path(app, "Name").parent),
            "script_folder": str(project.script_path("Script").parent),
            "worker_path": str(worker),
            "front_controller_path": str(front_controller),
            "main_path": str(project.main_path),
            "worker_module": project.module(worker),
            "front_controller_module": project.module(front_controller),
        }


def sharing_step(application: Application) -> str | None:
    """Return what to do before the application is shared; None if it can be installed anywhere.

    Installed from a folder or a wheel of this machine, jobgen is named by that address.
    """
    local = [
        requirement.partition(" @ ")[2]
        for requirement in (application.runtime, application.generator)
        if " @ file:" in requirement
    ]
    if not local:
        return None
    return (
        f"Before you share the application: only this machine has {' and '.join(local)}. Put jobgen"
        " where others can install it from, such as a Git repository, and depend on that address:"
        f" {application.runtime.partition(' @ ')[0]} @ git+https://…#subdirectory=runtime"
    )


def setup_module(layout: str) -> str:
    """Return the name of the module that sets Django up."""
    return "DjangoSetup" if layout == "guide" else "django_setup"


def _module_path(project: Project, module: str) -> str:
    return str(project.source.joinpath(*module.split(".")).with_suffix(".py")) if module else ""


def layout_paths(layout: str, source: PurePosixPath) -> Paths:
    """Return the path patterns of a layout for modules below `source`."""
    paths = LAYOUTS[layout].below(source)
    if layout == "pep8":
        # The scripts are in the application's folder, which is below `source` too.
        paths = replace(paths, script=str(source / paths.script))
    return paths


def layout_of(paths: Paths) -> str:
    """Return the layout that a project's path patterns follow."""
    return "guide" if "{App}" in paths.worker else "pep8"


def _patterns(project: Project) -> dict[str, str]:
    """Return the patterns that differ from the defaults, for [tool.jobgen.paths]."""
    defaults = GUIDE.below(project.source)
    return {
        field.name: getattr(project.paths, field.name)
        for field in fields(Paths)
        if getattr(project.paths, field.name) != getattr(defaults, field.name)
    }
