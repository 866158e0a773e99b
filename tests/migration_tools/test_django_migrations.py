"""Migrations of Django that follow those of an app of the project."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from jobgen.errors import JobgenError
from jobgen.generate.inputs import migration_writer
from jobgen.migration_tools.django import migrations_after
from jobgen.plan.table_change import TableChange
from jobgen.project import Project
from tests.support.tree import write_tree

CREATE = ("CREATE TABLE play_jobs (\n    data JSONB DEFAULT E'\"a\\\\:b' NOT NULL\n)",)
DROP = ("DROP TABLE play_jobs",)
CHANGE = TableChange(
    "create play_jobs", "play_jobs", PurePosixPath("web/job/Play.py"), CREATE, DROP
)
MANAGE = (
    'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")\n'
    "from django.core.management import execute_from_command_line\n"
)


def app(root: Path, label: str, *names: str, **options: Any) -> dict[str, Any]:
    """Return an app as the project's Python describes it; its last migration is its leaf."""
    folder = str(root.resolve() / label)
    return {
        "label": label,
        "folder": folder,
        "migrations": f"{folder}/migrations",
        "is_migrated": bool(names),
        "has_models": True,
        "leaves": list(names[-1:]),
        "names": list(names),
        **options,
    }


def answer(*apps: dict[str, Any], **tables: str) -> dict[str, Any]:
    """Return the description of a project by its apps, and the app of each table."""
    described = {
        table: {"app": label, "is_user": label == "users"} for table, label in tables.items()
    }
    return {"apps": list(apps), "tables": described, "runtime": "0001_runtime_schema"}


def change(*references: str) -> TableChange:
    return TableChange("create play_jobs", "play_jobs", CHANGE.path, CREATE, DROP, references)


def test_migration_runs_the_statements_after_the_last_one_of_its_app(tmp_path: Path) -> None:
    from django.db import migrations

    shop = app(tmp_path, "shop", "0001_initial", "0009_more")
    (path, content), *others = migrations_after(
        Project(tmp_path), [CHANGE], answer(shop)
    ).files.items()
    assert others == []
    assert path == PurePosixPath("shop/migrations/0010_create_play_jobs.py")
    names: dict[str, Any] = {}
    exec(content, names)  # noqa: S102 -- the migration
    migration = names["Migration"]
    assert migration.dependencies == [("shop", "0009_more"), ("jobgen", "0001_runtime_schema")]
    (operation,) = migration.operations
    assert isinstance(operation, migrations.RunSQL)
    assert [" ".join(each.split()) for each in operation.sql] == [" ".join(CREATE[0].split())]
    assert operation.reverse_sql == list(DROP)


@pytest.mark.parametrize(
    ("path", "references", "django_app", "expected"),
    [
        ("b/jobs/play.py", ("c_song",), "a", "a"),
        ("b/jobs/play.py", ("c_song",), None, "b"),
        ("web/jobs/play.py", ("c_song", "unknown"), None, "c"),
    ],
    ids=["setting", "folder", "reference"],
)
def test_app_is_that_of_the_setting_the_module_or_the_reference(
    tmp_path: Path, path: str, references: tuple[str, ...], django_app: str | None, expected: str
) -> None:
    apps = [app(tmp_path, label, "0001_initial") for label in "abc"]
    apps.append(app(tmp_path, ".venv/lib/site-packages/d", "0001_initial"))
    made = TableChange("create t", "t", PurePosixPath(path), CREATE, DROP, references)
    project = Project(tmp_path, django_app=django_app)
    (file,) = migrations_after(project, [made], answer(*apps, c_song="c")).files
    assert file.parts[0] == expected


def test_later_change_of_a_table_belongs_to_the_app_that_creates_it(tmp_path: Path) -> None:
    apps = [app(tmp_path, label, "0001_initial") for label in "ab"]
    write_tree(tmp_path, {"b/migrations/0001_initial.py": '"CREATE TABLE play_jobs (id INT)"\n'})
    column = TableChange("add note to play_jobs", "play_jobs", None, ("ALTER",), ("ALTER",))
    (file,) = migrations_after(Project(tmp_path), [column], answer(*apps)).files
    assert file == PurePosixPath("b/migrations/0002_add_note_to_play_jobs.py")


def test_migration_depends_on_those_of_the_tables_that_it_refers_to(tmp_path: Path) -> None:
    shop = app(tmp_path, "shop", "0001_initial")
    other, users = app(Path("/lib"), "other", "0003_z"), app(Path("/lib"), "users", "0001_u")
    described = answer(shop, other, users, other_song="other", users_user="users", shop_x="shop")
    made = change("other_song", "users_user", "shop_x", "unmanaged")
    (content,) = migrations_after(Project(tmp_path), [made], described).files.values()
    text = content.decode()
    assert "from django.conf import settings\n" in text
    assert " ".join(text.partition("dependencies = [")[2].partition("]")[0].split()) == (
        '("shop", "0001_initial"), ("jobgen", "0001_runtime_schema"), ("other", "0003_z"),'
        " migrations.swappable_dependency(settings.AUTH_USER_MODEL),"
    )


def test_app_without_models_gets_a_package_of_migrations(tmp_path: Path) -> None:
    shop = app(tmp_path, "shop", has_models=False)
    files = migrations_after(Project(tmp_path), [CHANGE], answer(shop)).files
    folder = PurePosixPath("shop/migrations")
    assert list(files) == [folder / "__init__.py", folder / "0001_create_play_jobs.py"]


@pytest.mark.parametrize(
    ("options", "django_app", "words"),
    [
        ({}, "shpo", "django_app = 'shpo', and there is no such app in the project: shop, more."),
        ({}, None, "It is not known which app gets the migration of play_jobs: shop, more."),
        ({"leaves": ["0002_a", "0002_b"]}, "shop", "conflicting migrations: 0002_a, 0002_b."),
        ({"is_migrated": False}, "shop", "has models and no migrations"),
        ({"migrations": None}, "shop", "MIGRATION_MODULES"),
        ({"migrations": "/elsewhere"}, "shop", "outside of the project: /elsewhere."),
    ],
    ids=["label", "several", "conflict", "no migrations", "switched off", "outside"],
)
def test_migration_without_a_place_is_an_error(
    tmp_path: Path, options: dict[str, Any], django_app: str | None, words: str
) -> None:
    apps = [app(tmp_path, "shop", "0001_initial", **options), app(tmp_path, "more", "0001_i")]
    with pytest.raises(JobgenError) as caught:
        migrations_after(Project(tmp_path, django_app=django_app), [CHANGE], answer(*apps))
    assert words in caught.value.message
    assert caught.value.hint


def test_project_without_an_app_is_an_error(tmp_path: Path) -> None:
    described = answer(app(Path("/lib"), "auth", "0001_initial"))
    with pytest.raises(JobgenError, match="needs one") as caught:
        migrations_after(Project(tmp_path), [CHANGE], described)
    assert "startapp" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("apps", "words"),
    [
        ("[]", '"jobgen_runtime.django" is not in INSTALLED_APPS of site1.settings.'),
        ("['gone']", "Django's migrations cannot be read: ModuleNotFoundError: No module named"),
    ],
    ids=["runtime", "gone"],
)
def test_project_that_django_cannot_read_is_an_error(tmp_path: Path, apps: str, words: str) -> None:
    settings = f"INSTALLED_APPS = {apps}\nprint('noise')\n"
    write_tree(tmp_path, {"manage.py": MANAGE, "site1/settings.py": settings})
    write = migration_writer(Project(tmp_path, schema_source="database"))
    assert write is not None
    with pytest.raises(JobgenError) as caught:
        write([CHANGE])
    assert words in caught.value.message
