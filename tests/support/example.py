"""An example application in a folder of a test, used by its own commands as its user would."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from jobgen_runtime.database.address import as_url

from tests.support import forked
from tests.support.environment import leave_out_other_plugins
from tests.support.forked import BIN
from tests.support.process import Process

EXAMPLES = Path(__file__).parents[2] / "examples"
_CREATED = ("__pycache__", ".jobgen", ".venv", "build", ".*_cache")


class Example:
    """A copy of an example.

    Attributes:
        root: Its folder.
        env: The environment of its commands, with DATABASE_URL.
    """

    def __init__(self, name: str, folder: Path, conninfo: str) -> None:
        self.root = folder / name
        self._conninfo = conninfo
        shutil.copytree(EXAMPLES / name, self.root, ignore=shutil.ignore_patterns(*_CREATED))
        self.env = {**os.environ, "DATABASE_URL": as_url(conninfo), "SECRET_KEY": "k" * 32}
        leave_out_other_plugins(self.env)

    def run(self, *command: str, typed: str = "") -> str:
        """Run a command that must succeed, and return its output."""
        path = [str(BIN / command[0]), *command[1:]]
        done = forked.run(path, self.root, self.env, timeout=120, typed=typed)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    @contextmanager
    def serve(self, *command: str, ready: str) -> Iterator[tuple[str, Process]]:
        """Serve the example on any port, and yield the address that a line with `ready` has."""
        process = Process([str(BIN / command[0]), *command[1:]], self.root, self.env)
        try:
            [address] = re.findall(r"http://127\.0\.0\.1:\d+", process.wait_for_start(ready))
            yield address, process
        finally:
            process.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self._conninfo) as conn:
            return conn.execute(query.encode()).fetchall()
