"""A migration is not deleted while something depends on it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import psycopg
import pytest

from jobgen.migration_tools.reversal import deleted_migrations, migration_issues
from jobgen.plan.model import FileChange, Plan
from tests.support.tree import write_tree

ALEMBIC = "revision = '{}'\ndown_revision = {!r}\n"
DJANGO = '("bands", "0001_initial")\nmigrations.RunSQL\n'


def deletion(root: Path, *paths: str) -> Plan:
    """Return the plan that deletes files."""
    changes = [FileChange(PurePosixPath(path), (root / path).read_bytes(), None) for path in paths]
    return Plan("undo", changes=tuple(changes))


@pytest.mark.parametrize(
    ("files", "deleted"),
    [
        ({"v/a.py": ALEMBIC.format("a1", None), "v/b.py": ALEMBIC.format("b1", "a1")}, "v/a.py"),
        (
            {"bands/m/0002_a.py": DJANGO, "bands/m/0003_b.py": f'{DJANGO}("bands", "0002_a")'},
            "bands/m/0002_a.py",
        ),
    ],
    ids=["alembic", "django"],
)
def test_migration_that_another_follows_is_kept(
    tmp_path: Path, files: dict[str, str], deleted: str
) -> None:
    write_tree(tmp_path, files)
    first, last = files
    found = deleted_migrations(tmp_path, deletion(tmp_path, deleted))
    (issue,) = migration_issues(tmp_path, found, [])
    assert issue.message == f"{first} cannot be deleted: {last} follows it."
    both = deleted_migrations(tmp_path, deletion(tmp_path, first, last))
    assert migration_issues(tmp_path, both, []) == []


def test_migration_that_the_database_has_is_kept(tmp_path: Path, database: str) -> None:
    write_tree(tmp_path, {"v/b.py": ALEMBIC.format("b1", "a1"), "bands/m/0002_a.py": DJANGO})
    plan = deletion(tmp_path, "v/b.py", "bands/m/0002_a.py")
    found = deleted_migrations(tmp_path, plan)
    assert migration_issues(tmp_path, found, [database]) == []
    with psycopg.connect(database) as conn:
        conn.execute("CREATE TABLE alembic_version (version_num TEXT)")
        conn.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        conn.execute("INSERT INTO alembic_version VALUES ('b1')")
        conn.execute("INSERT INTO django_migrations VALUES ('bands', '0002_a')")
    hints = [issue.hint for issue in migration_issues(tmp_path, found, [database])]
    assert hints == [
        "Reverse it there first: `alembic downgrade a1`.",
        "Reverse it there first: `python manage.py migrate bands 0001_initial`.",
    ]
    assert migration_issues(tmp_path, found, ["postgresql://127.0.0.1:1/none"]) == []


def test_other_files_are_not_migrations(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.py": "revision = 'x'\n", "b/0001_x.py": "import re\n"})
    assert deleted_migrations(tmp_path, deletion(tmp_path, "a.py", "b/0001_x.py")) == []
