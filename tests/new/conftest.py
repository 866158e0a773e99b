"""Fixtures that create applications with the real command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.django.projects import IMPORTS
from tests.new.projects import Run
from tests.support import forked
from tests.support.environment import leave_out_other_plugins
from tests.support.forked import BIN


@pytest.fixture
def environment() -> dict[str, str]:
    """A user's environment, with the commands of this virtual environment on the PATH."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = {**kept, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    leave_out_other_plugins(environment)
    return environment


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a command in a folder, without a terminal; `code` is the exit code that it must have."""

    def run(
        folder: Path, *command: str, code: int | None = 0, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        program = BIN / command[0]
        path = [str(program), *command[1:]] if program.exists() else command
        imports = IMPORTS if command[1:2] == ("manage.py",) else ()
        variables = {**environment, **(env or {})}
        done = forked.run(path, folder, variables, timeout=120, imports=imports)
        assert code is None or done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(params=["guide", "pep8"])
def layout(request: pytest.FixtureRequest) -> str:
    """The name of a layout."""
    name = request.param
    assert isinstance(name, str)
    return name


@pytest.fixture(scope="session")
def new_shops() -> dict[str, Path]:
    """The new application of each layout that a test has asked for."""
    return {}


@pytest.fixture
def shop(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    run: Run,
    layout: str,
    new_shops: dict[str, Path],
) -> Path:
    """A new application, below a path with a space."""
    if layout not in new_shops:
        folder = tmp_path_factory.mktemp("new")
        run(folder, "jobgen", "new", "shop", "--layout", layout)
        new_shops[layout] = folder / "shop"
    parent = tmp_path / "my projects"
    parent.mkdir()
    return Path(shutil.copytree(new_shops[layout], parent / "shop", symlinks=True))
