"""Models of jobs are generated on request, and change with Types.py."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from jobgen.check.files import check_files, paths_to_check
from jobgen.errors import UsageError
from jobgen.generate import models_django, models_sqlalchemy
from jobgen.generate.inputs import schema_reader
from jobgen.generate.undo import read_last_undo
from jobgen.plan.model import Plan
from jobgen.project import find_project, read_snapshot
from jobgen.project.models import ModelClass, find_models
from tests.generate.projects import (
    after,
    apply,
    column,
    destroy_job,
    job,
    messages,
    operations,
    types,
)
from tests.support.tree import PEP8_SHOP, SHOP, write_tree

MODEL = 'class Band(Base):\n    __tablename__ = "bands"\n'
APP = (
    "from django.apps import AppConfig\n"
    "class Config(AppConfig):\n    name = '{0}'\n    label = '{0}'\n"
)


def sqlalchemy(root: Path) -> Plan:
    return models_sqlalchemy.make_plan(find_project(root))


def django(root: Path, label: str | None = None) -> Plan:
    return models_django.make_plan(find_project(root), label)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with a job, models of both libraries, and the generated models."""
    write_tree(tmp_path, {**SHOP, "db.py": MODEL, "shows/apps.py": APP.format("shows")})
    apply(tmp_path, job(tmp_path, "PlayBand", "band:references"))
    apply(tmp_path, sqlalchemy(tmp_path))
    apply(tmp_path, django(tmp_path))
    return tmp_path


def test_models_change_with_the_table_and_are_undone_with_it(shop: Path) -> None:
    tables, models = (shop / f"Generated/{name}.py" for name in ("Tables", "Models"))
    before = tables.read_text(), models.read_text()
    assert 'ForeignKey(Band.metadata.tables["bands"].c.id, ondelete="CASCADE")' in before[0]
    assert "band_id = models.UUIDField()" in before[1]
    assert operations(sqlalchemy(shop))["Generated/Tables.py"] == "identical"
    plan = apply(shop, column(shop, "PlayBand", "note:text?"))
    assert "note: Mapped[str | None]" in after(plan, "Generated/Tables.py")
    assert "note = models.TextField(" in after(plan, "Generated/Models.py")
    assert any("makemigrations" in step for step in plan.next_steps)
    assert not any("django.contrib.postgres" in step for step in plan.next_steps)
    steps = job(shop, "Sing").next_steps
    first, then = (
        next(n for n, step in enumerate(steps) if text in step)
        for text in ("makemigrations", "Update the database")
    )
    assert first < then
    listed = column(shop, "PlayBand", "tags:text[]?")
    assert any("django.contrib.postgres" in step for step in listed.next_steps)
    undo = read_last_undo(shop)
    assert undo is not None
    apply(shop, undo.plan)
    assert (tables.read_text(), models.read_text()) == before
    plan = destroy_job(shop, "PlayBand")
    assert "PlayBand" not in after(plan, "Generated/Tables.py") + after(plan, "Generated/Models.py")


def test_models_that_were_written_again_since_do_not_keep_a_change_from_being_undone(
    shop: Path,
) -> None:
    apply(shop, job(shop, "Sing"))
    schema = shop / "Application/Schema.sql"
    schema.write_text(schema.read_text() + "ALTER TABLE play_band_jobs ADD COLUMN note TEXT;\n")
    apply(shop, types(shop))
    assert "note" in (shop / "Generated/Tables.py").read_text()
    undo = read_last_undo(shop)
    assert undo is not None
    paths = [change.path for change in undo.plan.changes]
    assert len(paths) == len(set(paths))


def test_check_reports_models_that_do_not_match_the_schema(shop: Path) -> None:
    tables = shop / "Generated/Tables.py"
    tables.write_text(tables.read_text().replace("band_id", "band_no"))
    project = find_project(shop)
    snapshot = read_snapshot(project, paths_to_check(project))
    found = check_files(snapshot, schema_reader(project))
    assert [finding.path for finding in found.findings] == [PurePosixPath("Generated/Tables.py")]
    assert found.findings[0].is_fixable


def test_module_of_the_user_is_a_conflict_and_left_alone_by_other_generators(shop: Path) -> None:
    (shop / "Generated/Tables.py").write_text("MINE = 1\n")
    assert "was not written by jobgen" in messages(sqlalchemy(shop))
    assert operations(types(shop)).get("Generated/Tables.py", "identical") == "identical"


def test_pep8_layout_has_the_models_next_to_the_records(tmp_path: Path) -> None:
    write_tree(tmp_path, PEP8_SHOP)
    assert list(operations(sqlalchemy(tmp_path))) == ["shop/generated/tables.py"]
    assert list(operations(django(tmp_path, "shop"))) == ["shop/generated/models.py"]


@pytest.mark.parametrize(("label", "words"), [(None, "The models need an app"), ("c", "no app c")])
def test_models_of_django_need_one_of_several_apps(
    tmp_path: Path, label: str | None, words: str
) -> None:
    apps = {"one/apps.py": APP.format("one"), "deep/down/two/apps.py": APP.format("two")}
    write_tree(tmp_path, {**SHOP, **apps})
    with pytest.raises(UsageError) as caught:
        django(tmp_path, label)
    assert f"{words}: the project has two, one." in caught.value.message


def test_models_are_found_by_their_tables(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "src/db/models.py": MODEL
            + "class Hero(SQLModel, table=True): pass\nclass HeroTeam(db.Model): pass\n"
            "class Twin(Base): __tablename__ = 'twins'\n",
            "src/other.py": "class Twin(Base): __tablename__: str = 'twins'\n",
            "src/broken.py": "class Hero(:  # table=True\n",
            "src/venv/lib.py": MODEL,
            **{f"src/.env/lib{number}.py": MODEL for number in range(2)},
            "src/environment/pyvenv.cfg": "",
            "src/environment/lib.py": MODEL,
        },
    )
    found = find_models(tmp_path, PurePosixPath("src"), "sqlalchemy")
    assert found == {
        "bands": ModelClass("db.models", "Band", "bands"),
        "hero": ModelClass("db.models", "Hero", "hero"),
        "hero_team": ModelClass("db.models", "HeroTeam", "hero_team"),
    }


def test_models_of_django_are_found_by_their_tables(tmp_path: Path) -> None:
    text = (
        "class Base(models.Model):\n    class Meta:\n        abstract = True\n"
        "class Song(Base): pass\n"
        "class Band(models.Model):\n    class Meta:\n        db_table = 'bands'\n"
    )
    write_tree(
        tmp_path,
        {"shows/models.py": text, "shows/apps.py": APP.format("live"), "x/views.py": text},
    )
    found = find_models(tmp_path, PurePosixPath(), "django")
    assert {table: (model.name, model.app_label) for table, model in found.items()} == {
        "auth_user": ("User", "auth"),
        "live_song": ("Song", "live"),
        "bands": ("Band", "live"),
    }
