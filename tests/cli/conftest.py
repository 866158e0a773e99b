"""The real `jobgen` command in a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.tree import SHOP, write_tree

JOBGEN = Path(sys.executable).parent / "jobgen"


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


Jobgen = Callable[..., Done]


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
