"""Jobs for a project that is there already: what is missing is written, the rest is left."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath

from jobgen_runtime.contract import ProjectError
from jobgen_runtime.project import decode_text, parse_toml

from jobgen.plan.application import Application
from jobgen.plan.builder import Builder
from jobgen.plan.integration_hint import integration_hint
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.types import put_types_of_schema_file
from jobgen.project import CONFIG_FILE, Snapshot
from jobgen.project.existing import ExistingProject
from jobgen.schema.load import ReadSchema

_CONFIG = PurePosixPath(CONFIG_FILE)


def plan_init(
    snapshot: Snapshot,
    application: Application,
    existing: ExistingProject,
    rendered: Mapping[PurePosixPath, bytes],
    read: ReadSchema,
) -> Plan:
    """The files that the project does not have yet, and `[tool.jobgen]` in its pyproject.toml."""
    args = {"layout": application.layout, "app": snapshot.project.application}
    builder = Builder(snapshot, "init", args)
    for path, content in rendered.items():
        if path == _CONFIG:
            _configure(builder, content.decode())
        elif snapshot.before(path) is None:
            _write(builder, path, content)
    if snapshot.before(snapshot.project.types_path) is None:
        put_types_of_schema_file(builder, read)
    if builder.is_pending:
        builder.next_steps += _next_steps(snapshot, application, existing)
    return builder.plan()


def _write(builder: Builder, path: PurePosixPath, content: bytes) -> None:
    other = builder.snapshot.other_spellings.get(path)
    if other is None:
        builder.put_new(path, content)
        return
    builder.issue(
        IssueKind.PROJECT,
        f"{path} would be the same as {other} on a system that ignores case.",
        path=path,
        hint="Name the application otherwise with --app, or take lower-case names with"
        " --layout pep8.",
    )


def _configure(builder: Builder, table: str) -> None:
    """Append `[tool.jobgen]` to pyproject.toml, or make the file; one that has it is left."""
    before = builder.snapshot.before(_CONFIG)
    if before is None:
        builder.put_new(_CONFIG, table.encode())
        return
    try:
        tool = parse_toml(before, _CONFIG).get("tool", {})
        text = decode_text(before, _CONFIG)
    except ProjectError as error:
        builder.issue(
            IssueKind.PROJECT,
            error.message,
            path=_CONFIG,
            hint=error.hint or "Correct it, then run the command again.",
        )
        return
    if isinstance(tool, dict) and "jobgen" in tool:
        return
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
    after = before + (gap + table.replace("\n", newline)).encode()
    if _adds(text, after.decode("utf-8-sig"), table):
        builder.put(_CONFIG, after)
        return
    builder.issue(
        IssueKind.PROJECT,
        f"{_CONFIG} cannot be appended to: its table [tool] is closed.",
        path=_CONFIG,
        hint="Add this to it, then run the command again.",
        paste=table,
    )


def _adds(before: str, after: str, table: str) -> bool:
    """Whether the text after says what the text before says, and the table, and nothing else."""
    try:
        config = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    added = config.get("tool", {}).pop("jobgen", None)
    if not config["tool"]:
        del config["tool"]
    return added == tomllib.loads(table)["tool"]["jobgen"] and config == tomllib.loads(before)


def _next_steps(
    snapshot: Snapshot, application: Application, existing: ExistingProject
) -> list[str]:
    project = snapshot.project
    steps: list[str] = []
    if not existing.depends_on_runtime:
        steps.append(f"Add this to the project's dependencies: {application.runtime}")
    front_controller = project.front_controller_path(project.application)
    if snapshot.before(front_controller) is None:
        module = project.module(front_controller)
        steps.append(integration_hint(existing.web, module, project.source))
    elif b"JobsDashboard" not in (snapshot.before(front_controller) or b""):
        steps.append(
            f"{front_controller} is left as it is. For a dashboard, add to it:\n"
            "from jobgen_runtime.dashboard import BasicAuth, JobsDashboard\n"
            'MyJobDashboard = JobsDashboard(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"), jobs=[])'
        )
    if snapshot.before(PurePosixPath("Makefile")) is not None:
        steps.append(
            "Makefile is left as it is: `run-jobs` runs the jobs, `jobgen migrate` the SQL."
        )
    if existing.web is not None and existing.web.framework == "Django":
        steps.append(
            'If the tables are Django\'s models, set schema_source = "database" in [tool.jobgen]:'
            " references and types are then read from the database."
        )
    steps.append("Write a job: jobgen job EmailCustomers")
    return steps
