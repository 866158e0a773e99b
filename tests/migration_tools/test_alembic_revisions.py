"""Revisions that follow those of a project, as `alembic.ini` and its template say."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from jobgen.errors import JobgenError
from jobgen.generate.inputs import migration_writer
from jobgen.migration_tools.alembic import write_revisions
from jobgen.migration_tools.programs.alembic_revisions import revision_files
from jobgen.migration_tools.programs.answer import answer_or_error
from jobgen.plan.alembic_hint import ALEMBIC_HINT
from jobgen.plan.table_change import TableChange, sql_statements
from jobgen.project import Project
from jobgen.project.migration_tool import AlembicPlace, alembic_place
from tests.support.tree import write_tree

pytestmark = pytest.mark.xdist_group("alembic")

TEMPLATE = """\
${imports}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
def upgrade():
    ${upgrades}
def downgrade():
    ${downgrades}
"""
REVISION = "revision = {!r}\ndown_revision = {!r}\n"
INI = "[alembic]\nscript_location = migrations\n"
RUNTIME = "# create_runtime_schema(op, {})\n"
EMPTY = {"message": "jobs", "upgrades": "pass", "downgrades": "return", "imports": ""}
REQUEST = {
    "ini": "alembic.ini",
    "location": None,
    "runtime": 3,
    "first_runtime_revision": {**EMPTY, "message": "runtime"},
    "runtime_revision": {**EMPTY, "message": "runtime 3"},
    "revisions": [{**EMPTY, "message": "create play_jobs"}],
}
CHANGE = TableChange("create t_jobs", "t_jobs", None, ("SELECT 1",), ("SELECT ':a', E'\\\\n\"'",))


def files_after(root: Path, files: dict[str, str], **request: str) -> dict[str, str]:
    """Return the names and texts of the revisions that are written after `files`."""
    write_tree(root, {"alembic.ini": INI, "migrations/script.py.mako": TEMPLATE, **files})
    found = revision_files({**REQUEST, **request})["files"]
    paths = {Path(path).relative_to(root.resolve()).as_posix(): found[path] for path in found}
    assert all((root / path).exists() is False for path in paths)
    return {re.sub(r"[0-9a-f]{12}", "ID", path): text for path, text in paths.items()}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_first_revisions_are_written_where_git_has_kept_no_empty_folder(folder: Path) -> None:
    files = files_after(folder, {})
    assert list(files) == [
        "migrations/versions/ID_runtime.py",
        "migrations/versions/ID_create_play_jobs.py",
    ]
    first, second = files.values()
    assert "down_revision = None" in first
    identifier = re.search(r"^revision = '(\w+)'", first, re.MULTILINE)
    assert identifier is not None
    assert f"down_revision = '{identifier[1]}'" in second


@pytest.mark.parametrize(("version", "added"), [(2, ["runtime_3"]), (3, []), (4, [])])
def test_runtime_schema_is_updated_by_a_revision_if_the_last_one_is_older(
    folder: Path, version: int, added: list[str]
) -> None:
    old = REVISION.format("a", None) + RUNTIME.format(version)
    files = files_after(folder, {"migrations/versions/a.py": old})
    names = [f"migrations/versions/ID_{name}.py" for name in (*added, "create_play_jobs")]
    assert list(files) == names


def test_new_revision_lies_next_to_the_head_and_is_named_by_the_template_of_names(
    folder: Path,
) -> None:
    ini = INI + (
        "version_locations = %(here)s/one %(here)s/two\npath_separator = space\n"
        "file_template = %%(year)d_%%(slug)s\ntimezone = UTC\ntruncate_slug_length = 10\n"
    )
    old = REVISION.format("a", None) + RUNTIME.format(3)
    head = REVISION.format("b", "a")
    files = files_after(folder, {"alembic.ini": ini, "one/a.py": old, "two/b.py": head})
    (path,) = files
    assert re.fullmatch(r"two/\d{4}_create_\.py", path)
    assert "down_revision = 'b'" in files[path]


def test_of_several_heads_that_with_the_runtime_is_followed(folder: Path) -> None:
    files = {f"migrations/versions/{name}.py": REVISION.format(name, None) for name in "ab"}
    files["migrations/versions/b.py"] += RUNTIME.format(3)
    (text,) = files_after(folder, files).values()
    assert "down_revision = 'b'" in text


def test_scripts_of_flask_migrate_are_found(folder: Path) -> None:
    write_tree(folder, {"migrations/alembic.ini": "[alembic]\n"})
    place = alembic_place(folder)
    assert place is not None
    assert place.upgrade == "flask db upgrade"
    (folder / "alembic.ini").unlink(missing_ok=True)
    files = files_after(folder, {}, ini=str(place.ini), location=str(place.location))
    assert len(files) == 2


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {f"migrations/versions/{n}.py": REVISION.format(n, None) for n in "ab"},
            "several heads: ",
        ),
        ({"migrations/script.py.mako": "${upgrades}"}, "does not write downgrades."),
        ({"alembic.ini": "no section\n"}, "MissingSectionHeaderError"),
        ({"alembic.ini": "[alembic]\n"}, "script_location"),
        ({"alembic.ini": "[alembic]\nscript_location = gone\n"}, "gone"),
        ({"migrations/versions/a.py": "import nothing_here\n"}, "versions/a.py:1"),
        ({"migrations/versions/b.py": REVISION.format("b", "a")}, "a"),
        ({"alembic.ini": INI + "timezone = Mars/Base\n"}, "Mars/Base"),
    ],
    ids=["heads", "template", "ini", "no location", "no folder", "import", "gap", "time zone"],
)
def test_revisions_that_cannot_be_followed_are_an_error(
    folder: Path, files: dict[str, str], words: str
) -> None:
    write_tree(folder, {"alembic.ini": INI, "migrations/script.py.mako": TEMPLATE, **files})
    error = answer_or_error(revision_files, REQUEST, "Sorry", "Help yourself.")["error"]
    assert words in error
    assert error.endswith(".")


def test_error_of_the_projects_python_is_an_error_of_the_command(folder: Path) -> None:
    write_tree(folder, {"alembic.ini": INI, "migrations/versions/a.py": "print(1)\n1 / 0\n"})
    place = AlembicPlace(PurePosixPath("alembic.ini"), None, "alembic", "alembic upgrade head")
    with pytest.raises(JobgenError, match=r"ZeroDivisionError: .*versions/a.py:2") as caught:
        write_revisions(Project(folder), place, [CHANGE])
    assert "alembic heads" in str(caught.value.hint)


def test_statements_reach_alembic_unchanged(folder: Path) -> None:
    from sqlalchemy import text

    write_tree(folder, {"alembic.ini": INI, "migrations/script.py.mako": TEMPLATE})
    write = migration_writer(Project(folder, schema_source="database"))
    assert write is not None
    written = write([CHANGE])
    assert written.steps == ("Update the database: alembic upgrade head", ALEMBIC_HINT)
    *_, content = written.files.values()
    executed: list[str] = []

    class Operations:
        def execute(self, statement: str) -> None:
            executed.append(str(text(statement).compile()))

    names: dict[str, object] = {"op": Operations()}
    exec(content, names)  # noqa: S102 -- the revision
    names["downgrade"]()  # type: ignore[operator]
    assert [each.strip() for each in executed] == list(CHANGE.downgrade)


def test_only_a_project_whose_tables_are_in_the_database_gets_revisions(folder: Path) -> None:
    write_tree(folder, {"alembic.ini": INI})
    assert migration_writer(Project(folder)) is None
    (folder / "alembic.ini").unlink()
    assert migration_writer(Project(folder, schema_source="database")) is None


def test_block_is_split_with_its_comments_and_without_its_search_path() -> None:
    text = "SET search_path = public;\nCREATE TABLE t ();\n-- Why;\nCREATE INDEX i ON t (a);\n"
    assert sql_statements(text) == ("CREATE TABLE t ()", "-- Why;\nCREATE INDEX i ON t (a)")
