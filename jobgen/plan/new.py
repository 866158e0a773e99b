"""Plan a new application in a new folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from jobgen.errors import UsageError
from jobgen.naming import parse_application_name
from jobgen.plan.application import Application, sharing_step
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import Plan
from jobgen.plan.types import put_types_of_schema_file
from jobgen.project import Snapshot
from jobgen.schema.load import ReadSchema

_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_LONGEST_NAME = 64
_DEPENDENCIES = {
    "jobgen",
    "jobgen-runtime",
    "psycopg",
    "starlette",
    "jinja2",
    "uvicorn",
}


def parse_project_name(text: str) -> str:
    """Return `text` if it can name a project, its folder and its distribution.

    Raises:
        UsageError: The text is not a name by PEP 508, or names a dependency of the project.
    """
    if not _NAME.fullmatch(text) or len(text) > _LONGEST_NAME:
        raise UsageError(
            f"{_shown(text)} is not a valid project name: it must start with a letter and have at"
            f" most {_LONGEST_NAME} letters (A to Z), digits, '-', '_' and '.'.",
            hint="To add jobs to the application in this folder, run `jobgen init`."
            if text in {".", "./"}
            else "Choose a name like shop or my-shop.",
        )
    if re.sub(r"[-_.]+", "-", text).lower() in _DEPENDENCIES:
        raise UsageError(
            f"{text!r} is not a valid project name: the project depends on a package of that name.",
            hint="Choose a name like shop or my-shop.",
        )
    return text


def package_name(project_name: str) -> str:
    """Return the name of a project's package, in lower case.

    Raises:
        UsageError: No package can have the name.
    """
    return parse_application_name(re.sub(r"[-_.]+", "_", project_name).lower())


def plan_new(
    snapshot: Snapshot,
    application: Application,
    rendered: Mapping[PurePosixPath, bytes],
    read: ReadSchema,
) -> Plan:
    """Make the plan of `jobgen new`.

    Args:
        snapshot: The new folder's files: none.
        application: The application.
        rendered: The files of templates/project.
        read: Reads Schema.sql.
    """
    args = {"name": application.name, "layout": application.layout}
    builder = PlanBuilder(snapshot, "new", args)
    for path, content in rendered.items():
        builder.put_new(path, content)
    put_types_of_schema_file(builder, read)
    builder.next_steps += [
        f"cd {application.name}",
        "Install the dependencies: make install",
        "Activate the environment, in each new terminal: . .venv/bin/activate",
        "Run the application while you write it, in a second terminal: jobgen dev",
        "Write a job: jobgen job EmailCustomers",
        *filter(None, [sharing_step(application)]),
    ]
    return builder.plan()


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…")
