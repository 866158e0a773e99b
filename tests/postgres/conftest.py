"""Projects whose servers are stopped and cleared away, and people who are not root."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres.people import Person
from tests.postgres.projects import CONFIG, clear_away


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="jobgen-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_project() -> Iterator[Callable[[Path], Path]]:
    """Makes a project at a path; its server is stopped and its data removed at the end."""
    made: list[Path] = []

    def make(root: Path) -> Path:
        root.mkdir(parents=True)
        (root / "pyproject.toml").write_text(CONFIG)
        made.append(root)
        return root

    yield make
    for root in made:
        if root.exists():
            clear_away(root)


@pytest.fixture
def project(open_folder: Path, make_project: Callable[[Path], Path]) -> Path:
    """An empty project in a folder that everybody may enter."""
    return make_project(open_folder / "shop")


@pytest.fixture
def person(open_folder: Path) -> Person:
    """The user who runs the tests, or an unprivileged one if that is root."""
    if os.geteuid() != 0:
        return Person(os.getuid(), os.getgid(), open_folder)
    entry = pwd.getpwnam("nobody")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return Person(entry.pw_uid, entry.pw_gid, home)
