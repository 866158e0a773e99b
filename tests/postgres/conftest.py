"""Projects whose servers are stopped and removed, and a user who is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.postgres.projects import CONFIG, remove_server
from tests.postgres.users import User


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own folders."""
    folder = Path(tempfile.mkdtemp(prefix="jobgen-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_project() -> Iterator[Callable[[Path], Path]]:
    """Return a function that creates a project, whose server and data are removed at the end."""
    made: list[Path] = []

    def make(root: Path) -> Path:
        root.mkdir(parents=True)
        (root / "pyproject.toml").write_text(CONFIG)
        made.append(root)
        return root

    yield make
    for root in made:
        if root.exists():
            remove_server(root)


@pytest.fixture
def project(open_folder: Path, make_project: Callable[[Path], Path]) -> Path:
    """An empty project in a folder that every user can enter."""
    return make_project(open_folder / "shop")


@pytest.fixture
def user(open_folder: Path) -> User:
    """The user who runs the tests, or an unprivileged user if that is root."""
    if os.geteuid() != 0:
        return User(os.getuid(), os.getgid(), open_folder)
    entry = pwd.getpwnam("nobody")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return User(entry.pw_uid, entry.pw_gid, home)


@pytest.fixture
def free_port() -> int:
    """A TCP port that no server uses, and that the system gives to no connection meanwhile."""
    # Systems take the ports of connections from 32768 on. Each process of pytest begins elsewhere.
    for port in range(10_000 + os.getpid() % 200 * 100, 32_768):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
