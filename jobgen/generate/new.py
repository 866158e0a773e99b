"""A new application in a folder of its own: there as a whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from jobgen.apply import apply_plan
from jobgen.apply.disk import require_writable
from jobgen.errors import ConflictError, JobgenError
from jobgen.generate.reading import schema_reader
from jobgen.generate.run import Outcome
from jobgen.plan.application import Application, layout_paths
from jobgen.plan.model import Plan
from jobgen.plan.new import package_name, parse_project_name, plan_new
from jobgen.project import Project, read_snapshot
from jobgen.project.requirement import (
    EXTRAS,
    GENERATOR,
    RUNTIME,
    given_requirement,
    installed_requirement,
)
from jobgen.render.project import render_project


def new_plan(parent: Path, name: str, layout: str, runtime: str | None) -> Plan:
    """The plan of `jobgen new` for the folder `name` in `parent`.

    `runtime` says where jobgen-runtime is to be installed from. Raises UsageError for a name
    or a place that cannot be meant, ConflictError where the folder is in use.
    """
    source = PurePosixPath(".")
    project = Project(
        root=parent / parse_project_name(name),
        source=source,
        application="Web" if layout == "guide" else package_name(name),
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
    rendered = render_project(application.answers)
    snapshot = read_snapshot(project, [*rendered, project.types_path])
    return plan_new(snapshot, application, rendered, schema_reader(project))


def make_application(root: Path, plan: Plan) -> Outcome:
    """Write the plan's files to the new folder `root`, which appears in one step.

    Raises JobgenError where it cannot be made, and leaves nothing behind.
    """
    if plan.issues:
        return Outcome(plan)
    require_writable(root.parent, str(root.parent))
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    except OSError as error:
        raise JobgenError(
            f"The folder {root.name} cannot be made in {root.parent}: {error.strerror}.",
            hint="Run the command in a folder that you may write to.",
        ) from None
    try:
        staging.chmod(0o777 & ~_umask())
        apply_plan(staging, plan)
        _require_free(root)
        staging.rename(root)
    except OSError as error:
        raise JobgenError(f"The folder {root} cannot be made: {error.strerror}.") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Outcome(plan, applied=True)


def _require_free(root: Path) -> None:
    """Refuse a folder that holds anything, whatever it is."""
    try:
        in_use = os.path.lexists(root) and (not root.is_dir() or any(root.iterdir()))
    except OSError as error:
        raise JobgenError(f"{root} cannot be read: {error.strerror}.") from None
    if in_use:
        raise ConflictError(
            f"{root.name} is there already, and not an empty folder.",
            hint="Choose another name; or run `jobgen init` in it, to add jobs to what is there.",
        )


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
