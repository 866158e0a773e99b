"""The real `jobgen` command in a temporary project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import JOBGEN, Done, Jobgen
from tests.support import forked
from tests.support.tree import SHOP, write_tree


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project below a path with a space, outside of any repository."""
    return write_tree(tmp_path / "my shop", SHOP)


@pytest.fixture
def jobgen(shop: Path) -> Jobgen:
    """Runs `jobgen` in the project."""

    def run(*words: str, cwd: Path = shop, stdin: str = "") -> Done:
        environment = {**os.environ, "NO_COLOR": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = (str(JOBGEN), *words)
        done = forked.run(command, cwd, environment, timeout=120, typed=stdin)
        return Done(done.returncode, done.stdout, done.stderr)

    return run
