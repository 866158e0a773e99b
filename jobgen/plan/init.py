"""Add jobs to an existing project: write missing files and append to pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath

from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.project import decode_text, parse_toml

from jobgen.plan.alembic_hint import ALEMBIC_HINT
from jobgen.plan.application import Application, layout_of, setup_module, sharing_step
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.django_hint import application_steps, database_steps
from jobgen.plan.integration_hint import (
    front_controller_hint,
    integration_hint,
    login_hint,
    served_by_dev,
)
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.types import put_types_of_schema_file
from jobgen.project import CONFIG_FILE, Snapshot
from jobgen.project.existing import ExistingProject
from jobgen.registration import makes_dashboard
from jobgen.schema.load import ReadSchema

_CONFIG = PurePosixPath(CONFIG_FILE)
_AGENTS = PurePosixPath("AGENTS.md")


def plan_init(
    snapshot: Snapshot,
    application: Application,
    existing: ExistingProject,
    rendered: Mapping[PurePosixPath, bytes],
    read: ReadSchema,
) -> Plan:
    """Make the plan of `jobgen init`.

    Args:
        snapshot: The project's files.
        application: The application that gets the jobs.
        existing: What was found in the folder.
        rendered: The files of templates/project; existing ones are left unchanged.
        read: Reads Schema.sql.
    """
    args = {"layout": application.layout, "app": snapshot.project.application}
    builder = PlanBuilder(snapshot, "init", args)
    for path, content in rendered.items():
        if path == _CONFIG:
            _configure(builder, content.decode())
        elif path == _AGENTS and _has_agents_file(snapshot):
            continue
        elif snapshot.before(path) is None:
            _write(builder, path, content)
    if snapshot.before(snapshot.project.types_path) is None:
        put_types_of_schema_file(builder, read)
    if builder.is_pending:
        builder.next_steps += _next_steps(snapshot, application, existing)
    return builder.plan()


def _has_agents_file(snapshot: Snapshot) -> bool:
    """Return whether the project has an AGENTS.md in any spelling, as a file or a link."""
    return (
        snapshot.before(_AGENTS) is not None
        or _AGENTS in snapshot.obstacles
        or _AGENTS in snapshot.other_spellings
    )


def _write(builder: PlanBuilder, path: PurePosixPath, content: bytes) -> None:
    other = builder.snapshot.other_spellings.get(path)
    if other is None:
        builder.put_new(path, content)
        return
    builder.add_issue(
        IssueKind.PROJECT,
        f"{path} clashes with {other} on a system that ignores case.",
        path=path,
        hint="Choose another application name with --app, or lower-case paths with --layout pep8.",
    )


def _configure(builder: PlanBuilder, table: str) -> None:
    """Append `[tool.jobgen]` to pyproject.toml, or create the file; keep an existing table."""
    before = builder.snapshot.before(_CONFIG)
    if before is None:
        builder.put_new(_CONFIG, table.encode())
        return
    try:
        tool = parse_toml(before, _CONFIG).get("tool", {})
        text = decode_text(before, _CONFIG)
    except ProjectError as error:
        builder.add_issue(
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
    builder.add_issue(
        IssueKind.PROJECT,
        f"[tool.jobgen] cannot be appended to {_CONFIG}: its table [tool] is an inline table.",
        path=_CONFIG,
        hint="Add this to it, then run the command again.",
        paste=table,
    )


def _adds(before: str, after: str, table: str) -> bool:
    """Return whether the text after adds the table to the text before, and nothing else."""
    try:
        config = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    added = config.get("tool", {}).pop("jobgen", None)
    if not config["tool"]:
        del config["tool"]
    return added == tomllib.loads(table)["tool"]["jobgen"] and config == tomllib.loads(before)


def _django_steps(snapshot: Snapshot, existing: ExistingProject) -> list[str]:
    """Return what a project with Django needs so that jobs use its models and its database."""
    if existing.web is None or existing.web.framework != "Django":
        return []
    steps = database_steps(existing)
    if snapshot.project.setup:
        return steps
    module = setup_module(layout_of(snapshot.project.paths))
    setup = (
        "So that jobs can import models, write a module that calls django.setup(), such as"
        f' {module}.py, and name it in [tool.jobgen]: setup = "{module}"'
    )
    return [*steps, setup]


def _model_steps(
    snapshot: Snapshot, application: Application, existing: ExistingProject
) -> list[str]:
    """Return how jobgen gets to know tables that are models."""
    has_migrations = application.upgrade != ""
    if snapshot.project.schema_source == "database" or not (
        has_migrations or (existing.has_models and not existing.uses_sqlite)
    ):
        return []
    step = (
        f'If your tables are models, set schema_source = "database" in {_table(snapshot)}:'
        " references and types are then read from the database"
    )
    if has_migrations:
        step += f", and `jobgen job` writes migrations, which `{application.upgrade}` applies"
    return [f"{step}."]


def _web_steps(snapshot: Snapshot, existing: ExistingProject) -> list[str]:
    """Return where the dashboard is mounted, and how `jobgen dev` runs the web application."""
    project = snapshot.project
    front_controller = project.front_controller_path(project.application)
    before, module = snapshot.before(front_controller), project.module(front_controller)
    steps: list[str] = []
    if existing.web is not None and existing.web.framework == "Django":
        has_dashboard = before is None or makes_dashboard(before)
        steps += application_steps(existing, front_controller, module, has_dashboard=has_dashboard)
    elif before is None:
        steps.append(integration_hint(existing.web, module, project.source))
        if existing.web is not None:
            steps.append(login_hint(existing.web, front_controller))
    elif not makes_dashboard(before):
        steps.append(front_controller_hint(existing.web, front_controller, module))
    option = served_by_dev(existing.web, project.source)
    if option is not None and project.web is None:
        steps.append(
            f"So that `jobgen dev` runs your application as well, add this to {_table(snapshot)} in"
            f" pyproject.toml:\n{option}"
        )
    return steps


_ASYNC_SESSION = ", or with an AsyncSession await EmailCustomersJob.create(session, …)"


def _job_steps(existing: ExistingProject) -> list[str]:
    """Return how to write a job, and how to create it in a transaction of the application."""
    steps = ["Write a job: jobgen job EmailCustomers"]
    if existing.session and existing.uses_sqlite:
        steps.append(
            "Your code names a database of SQLite, and jobs are in PostgreSQL. With PostgreSQL for"
            f" both, EmailCustomersJob.create_sync({existing.session}, …) creates a job in the"
            " transaction of your session."
        )
    elif existing.session:
        is_flask = existing.web is not None and existing.web.framework == "Flask"
        steps.append(
            "Create its jobs in the transaction of your session:"
            f" EmailCustomersJob.create_sync({existing.session}, …)"
            f"{'' if is_flask else _ASYNC_SESSION}"
        )
    return steps


def _table(snapshot: Snapshot) -> str:
    """Return where an option belongs: lines at the end of pyproject.toml would be paths."""
    is_default = layout_of(snapshot.project.paths) == "guide"
    return "[tool.jobgen]" if is_default else "[tool.jobgen] (above [tool.jobgen.paths])"


def _next_steps(
    snapshot: Snapshot, application: Application, existing: ExistingProject
) -> list[str]:
    steps: list[str] = []
    if application.layout == "guide" and existing.package and existing.package.islower():
        steps.append(
            f"For lower-case paths in your package {existing.package} instead, run `jobgen undo`"
            " and `jobgen init --layout pep8`."
        )
    owner = snapshot.project.application
    if existing.django_app and existing.settings.startswith(f"{owner}."):
        steps.append(
            f"The jobs are in {owner}, next to Django's settings. To have them in an app instead,"
            f" run `jobgen undo` and `jobgen init --layout pep8 --app {existing.django_app}`."
        )
    if not existing.depends_on_runtime:
        steps.append(f"Add this to the project's dependencies: {application.runtime}")
    if not existing.depends_on_generator:
        steps.append(f"Add this to its development dependencies: {application.generator}")
    steps += _web_steps(snapshot, existing)
    if snapshot.before(PurePosixPath("Makefile")) is not None:
        steps.append(
            "Makefile was not changed. Run the jobs with `run-jobs`, and update the database"
            f" with `{application.upgrade or 'jobgen migrate'}`."
        )
    if _has_agents_file(snapshot):
        steps.append(
            "AGENTS.md was not changed. Say in it that `jobgen info --json` describes the jobs, and"
            " that `jobgen check` is run after every change."
        )
    steps += _model_steps(snapshot, application, existing)
    steps += _django_steps(snapshot, existing)
    if existing.compares_jobs:
        steps.append(ALEMBIC_HINT)
    steps += _job_steps(existing)
    if not (existing.depends_on_runtime and existing.depends_on_generator):
        steps += filter(None, [sharing_step(application)])
    return steps
