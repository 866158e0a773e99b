"""A new application, in a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from jobgen.errors import UsageError
from jobgen.naming import parse_application_name
from jobgen.plan.application import Application
from jobgen.plan.builder import Builder
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
    "psycopg-pool",
    "starlette",
    "jinja2",
    "uvicorn",
}


def parse_project_name(text: str) -> str:
    """`text` where it can name a project, its folder and its distribution.

    Raises UsageError for what pyproject.toml does not take as a name (PEP 508), and for the
    names of what every application depends on.
    """
    if not _NAME.fullmatch(text) or len(text) > _LONGEST_NAME:
        raise UsageError(
            f"{_shown(text)} cannot be a project's name: it must be letters (A to Z), digits,"
            f" '-', '_' and '.', a letter first, at most {_LONGEST_NAME} of them.",
            hint="A name is like shop or my-shop.",
        )
    if re.sub(r"[-_.]+", "-", text).lower() in _DEPENDENCIES:
        raise UsageError(
            f"{text!r} cannot be a project's name: the project depends on a package of that name.",
            hint="A name is like shop or my-shop.",
        )
    return text


def package_name(project_name: str) -> str:
    """The package of a project in lower case. Raises UsageError where there can be none."""
    return parse_application_name(re.sub(r"[-_.]+", "_", project_name).lower())


def plan_new(
    snapshot: Snapshot,
    application: Application,
    rendered: Mapping[PurePosixPath, bytes],
    read: ReadSchema,
) -> Plan:
    """All files of the application, as rendered, and its typed records."""
    args = {"name": application.name, "layout": application.layout}
    builder = Builder(snapshot, "new", args)
    for path, content in rendered.items():
        builder.put_new(path, content)
    put_types_of_schema_file(builder, read)
    builder.next_steps += [
        f"cd {application.name}",
        "Install what it needs: make install",
        "Write a job: .venv/bin/jobgen job EmailCustomers",
    ]
    return builder.plan()


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…")
