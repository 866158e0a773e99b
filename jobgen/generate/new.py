"""`jobgen new`: a new application, whose folder appears as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jobgen_runtime.project import DEFAULT_APPLICATION

from jobgen.apply import apply_plan
from jobgen.apply.disk import require_writable
from jobgen.errors import ConflictError, JobgenError
from jobgen.generate.inputs import schema_reader
from jobgen.plan.application import Application, layout_paths
from jobgen.plan.model import Plan
from jobgen.plan.new import package_name, parse_project_name, plan_new
from jobgen.project import Project, project_folder, read_snapshot
from jobgen.project.module_clashes import require_application
from jobgen.project.requirement import (
    EXTRAS,
    GENERATOR,
    RUNTIME,
    given_requirement,
    installed_requirement,
)
from jobgen.render.project import render_project


def make_plan(parent: Path, name: str, layout: str = "guide", runtime: str | None = None) -> Plan:
    """Make the plan of `jobgen new`; its paths are relative to the new folder.

    Args:
        parent: The folder that gets the new one.
        name: The application's name, and the new folder's.
        layout: The layout of the paths, `guide` or `pep8`.
        runtime: A path or an address to install jobgen-runtime from; None for the place that it
            was installed from here.

    Raises:
        UsageError: The name or the place is invalid.
        ConflictError: The folder is in use.
    """
    source = PurePosixPath(".")
    project = Project(
        root=parent / parse_project_name(name),
        source=source,
        application=DEFAULT_APPLICATION if layout == "guide" else package_name(name),
        paths=layout_paths(layout, source),
    )
    application = Application(
        project,
        name=name,
        layout=layout,
        runtime=given_requirement(RUNTIME, EXTRAS, runtime)
        if runtime
        else installed_requirement(RUNTIME, EXTRAS),
        generator=installed_requirement(GENERATOR),
    )
    _require_free(project.root)
    require_application(
        project,
        project.application,
        lambda other: f"Choose another name, such as {other.replace('_', '-')}.",
    )
    rendered = render_project(application.answers)
    snapshot = read_snapshot(project, [*rendered, project.types_path])
    plan = plan_new(snapshot, application, rendered, schema_reader(project))
    outer = project_folder(parent)
    if outer is None:
        return plan
    inside = f"{name} is created inside another project, {outer.resolve()}."
    return replace(plan, warnings=(*plan.warnings, inside))


def create_application(parent: Path, plan: Plan) -> None:
    """Write the plan's files to its new folder in `parent`, which appears in one step.

    Raises:
        ConflictError: The folder is in use by now.
        JobgenError: The folder cannot be created. Nothing is left behind.
    """
    root = parent / str(plan.args["name"])
    require_writable(parent, str(parent))
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=parent))
    except OSError as error:
        raise JobgenError(
            f"The folder {root.name} cannot be created in {parent}: {error.strerror}.",
            hint="Run the command in a folder that you can write to.",
        ) from None
    try:
        staging.chmod(0o777 & ~_umask())
        apply_plan(staging, plan)
        _require_free(root)
        staging.rename(root)
    except OSError as error:
        raise JobgenError(f"The folder {root} cannot be created: {error.strerror}.") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _require_free(root: Path) -> None:
    """Raise ConflictError unless the folder is missing or empty."""
    try:
        in_use = os.path.lexists(root) and (not root.is_dir() or any(root.iterdir()))
    except OSError as error:
        raise JobgenError(f"{root} cannot be read: {error.strerror}.") from None
    if in_use:
        raise ConflictError(
            f"{root.name} already exists and is not an empty folder.",
            hint="Choose another name, or run `jobgen init` in it to add jobs to the application.",
        )


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
