"""The real `jobgen` command in a temporary project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import JOBGEN, Done, Jobgen
from tests.support.tree import SHOP, write_tree


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project below a path with a space, outside of any repository."""
    return write_tree(tmp_path / "my shop", SHOP)


@pytest.fixture
def jobgen(shop: Path) -> Jobgen:
    """Runs `jobgen` in the project."""

    def run(*words: str, cwd: Path = shop, stdin: str = "", **popen: Any) -> Done:
        environment = {**os.environ, "NO_COLOR": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            [str(JOBGEN), *words],
            cwd=cwd,
            input=stdin.encode(),
            env=environment,
            capture_output=True,
            check=False,
            **popen,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
