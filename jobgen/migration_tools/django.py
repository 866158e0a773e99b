"""Write the change of a job's table as a migration of Django."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from jobgen.errors import JobgenError
from jobgen.migration_tools.project_python import ask
from jobgen.migration_tools.sql_text import sql_literal
from jobgen.plan.table_change import MigrationFiles, TableChange
from jobgen.project import Project
from jobgen.project.existing import django_settings
from jobgen.project.paths import below

_USER = "migrations.swappable_dependency(settings.AUTH_USER_MODEL)"
_NOT_ATOMIC = "    atomic = False\n"
_OPTION = 'django_app = "LABEL"'


def write_django_migrations(project: Project, changes: Sequence[TableChange]) -> MigrationFiles:
    """Return the migrations of changes, in one of the project's apps.

    Raises:
        JobgenError: The migrations cannot be read or have a conflict, or it is not known which app
            is to have the migration.
    """
    settings = django_settings(project.root, project.source)
    return migrations_after(
        project, changes, ask(project, "django_migrations", {"settings": settings})
    )


def django_database(project: Project) -> str:
    """Return the address of the database that Django's settings name for jobs.

    Raises:
        JobgenError: Django cannot be set up, or names no PostgreSQL.
    """
    settings = django_settings(project.root, project.source)
    address: str = ask(project, "django_database", {"settings": settings})["address"]
    return address


def migrations_after(
    project: Project, changes: Sequence[TableChange], answer: Mapping[str, Any]
) -> MigrationFiles:
    """Return the migrations of changes, each after the one before.

    Args:
        project: The project.
        changes: The changes.
        answer: What `programs/django_migrations.py` says about the project.

    Raises:
        JobgenError: As above.
    """
    steps = (f"Update the database: {project.upgrade_command}",)
    if not changes:
        return MigrationFiles({}, steps)
    apps: list[dict[str, Any]] = answer["apps"]
    app = _choose_app(project, changes[0], apps, answer["tables"])
    folder = _folder(project, app)
    files: dict[PurePosixPath, bytes] = {}
    if not app["is_migrated"]:
        files[folder / "__init__.py"] = b""
    leaves = list(app["leaves"])
    for number, change in enumerate(changes, _next_number(app["names"])):
        dependencies = _dependencies({**app, "leaves": leaves}, change, answer)
        leaves = [f"{number:04}_{change.name}"]
        files[folder / f"{leaves[0]}.py"] = _text(change, dependencies).encode()
    previous = (app["label"], app["leaves"][0]) if app["leaves"] else ()
    return MigrationFiles(files, steps, previous)


def _choose_app(
    project: Project,
    change: TableChange,
    apps: Sequence[dict[str, Any]],
    tables: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the app that gets the migration."""
    root = project.root.resolve()
    own = [app for app in apps if _is_own(root, Path(app["folder"]))]
    labels = [app["label"] for app in own]
    if project.django_app is not None:
        if project.django_app not in labels:
            raise JobgenError(
                f"[tool.jobgen] has django_app = {project.django_app!r}, and there is no such app"
                f" in the project: {', '.join(labels) or 'it has none'}.",
                hint="Name the label of one of its apps that is in INSTALLED_APPS.",
            )
        return own[labels.index(project.django_app)]
    creators = [app for app in own if _creates(app, change.table)]
    if creators:
        return creators[0]
    if change.path is not None:
        module = root / change.path
        owners = [app for app in own if module.is_relative_to(app["folder"])]
        if owners:
            return max(owners, key=lambda app: len(app["folder"]))
    referenced = [tables[table]["app"] for table in change.references if table in tables]
    owners = [app for app in own if app["label"] in referenced]
    if len(owners) == 1:
        return owners[0]
    if len(own) == 1:
        return own[0]
    if not own:
        raise JobgenError(
            "No app of the project is in INSTALLED_APPS, and a migration needs one.",
            hint="Make one with `python manage.py startapp NAME`, and add it there.",
        )
    raise JobgenError(
        f"It is not known which app gets the migration of {change.table}: {', '.join(labels)}.",
        hint=f"Name its label in [tool.jobgen]: {_OPTION}",
    )


def _is_own(root: Path, folder: Path) -> bool:
    """Return whether an app is the project's, and not installed in its environment."""
    if not folder.is_relative_to(root):
        return False
    return "site-packages" not in folder.relative_to(root).parts


def _creates(app: Mapping[str, Any], table: str) -> bool:
    """Return whether a migration of the app that jobgen wrote creates the table."""
    pattern = re.compile(rf'\bCREATE TABLE "?{re.escape(table)}"? \(')
    for name in app["names"] if app["migrations"] else []:
        try:
            text = Path(app["migrations"], f"{name}.py").read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        if pattern.search(text):
            return True
    return False


def _folder(project: Project, app: Mapping[str, Any]) -> PurePosixPath:
    """Return the folder of the app's migrations."""
    label = app["label"]
    if app["migrations"] is None:
        raise JobgenError(
            f"The app {label} has no migrations: see MIGRATION_MODULES in Django's settings.",
            hint=f"Name another app in [tool.jobgen]: {_OPTION}",
        )
    if len(app["leaves"]) > 1:
        raise JobgenError(
            f"The app {label} has conflicting migrations: {', '.join(app['leaves'])}.",
            hint="Merge them with `python manage.py makemigrations --merge`.",
        )
    if app["has_models"] and not app["is_migrated"]:
        raise JobgenError(
            f"The app {label} has models and no migrations, and one of a job would be its first.",
            hint=f"Make the models' first with `python manage.py makemigrations {label}`.",
        )
    return below(project.root, app["migrations"])


def _next_number(names: Sequence[str]) -> int:
    numbers = [int(match[0]) for name in names if (match := re.match(r"\d+", name))]
    return max(numbers, default=0) + 1


def _dependencies(
    app: Mapping[str, Any], change: TableChange, answer: Mapping[str, Any]
) -> list[str]:
    """Return the dependencies as expressions: what the change needs to be there."""
    leaves = {each["label"]: each["leaves"] for each in answer["apps"]}
    found = [_pair(app["label"], leaf) for leaf in app["leaves"]]
    found.append(_pair("jobgen", answer["runtime"]))
    for table in change.references:
        model = answer["tables"].get(table)
        if model is None or model["app"] == app["label"]:
            continue
        if model["is_user"]:
            found.append(_USER)
        else:
            found += [_pair(model["app"], leaf) for leaf in leaves.get(model["app"], ())]
    return list(dict.fromkeys(found))


def _pair(label: str, name: str) -> str:
    return f'("{label}", "{name}")'


def _text(change: TableChange, dependencies: Sequence[str]) -> str:
    settings = "from django.conf import settings\n" if _USER in dependencies else ""
    lines = "\n".join(f"        {each}," for each in dependencies)
    reverse = f"            {_list(change.downgrade)},\n" if change.downgrade else ""
    return f"""\
{settings}from django.db import migrations


class Migration(migrations.Migration):
{"" if change.is_transaction else _NOT_ATOMIC}    dependencies = [
{lines}
    ]

    operations = [
        migrations.RunSQL(
            {_list(change.upgrade)},
{reverse}        ),
    ]
"""


def _list(statements: Sequence[str]) -> str:
    lines = (f"                {sql_literal(each, 16)},\n" for each in statements)
    return f"[\n{''.join(lines)}            ]"
