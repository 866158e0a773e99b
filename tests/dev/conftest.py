"""Fixtures that run `jobgen dev` in an application with one job."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dev.session import MARK, Session
from tests.support import forked
from tests.support.database import temporary_database
from tests.support.process import BIN

PERFORM = 'print("Hello World!")'
"""The body of a new job."""


@pytest.fixture(scope="session")
def new_application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application with the job Greet, of which each test gets a copy."""
    folder = tmp_path_factory.mktemp("new")
    runtime = str(Path(__file__).parents[2] / "runtime")
    for command in (["new", "shop", "--runtime", runtime], ["job", "Greet", "name:text"]):
        root = folder if command[0] == "new" else folder / "shop"
        forked.run(
            (str(BIN / "jobgen"), *command), root, os.environ, timeout=120
        ).check_returncode()
    module = folder / "shop/Web/Job/Greet.py"
    module.write_text(module.read_text().replace(PERFORM, 'print("first", job.name)'))
    return folder / "shop"


@pytest.fixture
def session(new_application: Path, tmp_path: Path, server_url: str) -> Iterator[Session]:
    """A session of `jobgen dev`, not started yet, with a separate database."""
    root = tmp_path / "my shop"
    shutil.copytree(new_application, root)
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": sys.prefix,
        MARK: uuid.uuid4().hex,
    }
    with temporary_database(server_url) as url:
        started = Session(root, {**environment, "DATABASE_URL": url})
        yield started
        started.close()
