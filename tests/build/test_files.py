"""Which files of a project a built program contains."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from jobgen.build.files import application_files
from jobgen.build.glob import matches
from jobgen.errors import JobgenError
from jobgen.project.config import BuildOptions

FILES = (
    ".env",
    ".jobgen/state.py",
    ".venv/pyvenv.cfg",
    "Application/Schema.sql",
    "Web/Job/EmailCustomers.py",
    "Web/Job/test_email_customers.py",
    "Web/Templates/mail.txt",
    "Web/Templates/.secret.txt",
    "Web/__pycache__/Worker.cpython-311.pyc",
    "WorkerMain.py",
    "build/bin/old.py",
    "conftest.py",
    "environment/lib/library.py",
    "environment/pyvenv.cfg",
    "node_modules/tool.py",
    "tests/helper.py",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def names(root: Path, *include: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [str(path) for path in application_files(root, BuildOptions(include, exclude))]


def test_program_contains_modules_without_tests_tools_and_hidden_files(root: Path) -> None:
    assert names(root) == ["Web/Job/EmailCustomers.py", "WorkerMain.py"]


@pytest.mark.parametrize("pattern", ["Web/Templates", "Web/Templates/**", "**/*.txt"])
def test_include_adds_files_but_no_hidden_one(root: Path, pattern: str) -> None:
    assert names(root, pattern) == [
        "Web/Job/EmailCustomers.py",
        "Web/Templates/mail.txt",
        "WorkerMain.py",
    ]


def test_exclude_wins_over_include(root: Path) -> None:
    assert names(root, "Web/Templates", exclude=("Web",)) == ["WorkerMain.py"]


@pytest.mark.parametrize("pattern", ["Web/Templates/*.html", ".env", ".jobgen/**", "tests/**"])
def test_include_that_matches_no_file_is_refused(root: Path, pattern: str) -> None:
    with pytest.raises(JobgenError, match="no file matches"):
        names(root, pattern)


def test_link_to_a_parent_folder_is_not_followed(root: Path) -> None:
    (root / "Web/again").symlink_to(root)
    (root / "Shared").symlink_to(root / "Web/Job")
    assert names(root) == [
        "Shared/EmailCustomers.py",
        "Web/Job/EmailCustomers.py",
        "WorkerMain.py",
    ]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/a.sql", "a.sql", True),
        ("**/a.sql", "b/c/a.sql", True),
        ("*/a.sql", "b/c/a.sql", False),
        ("b/**/a.sql", "b/a.sql", True),
        ("b", "b/c/a.sql", True),
        ("b", "bc/a.sql", False),
        ("b*", "bc/a.sql", True),
    ],
)
def test_pattern_matches_paths(pattern: str, path: str, *, expected: bool) -> None:
    assert matches(pattern, PurePosixPath(path)) is expected
