"""The command line, run in this process: starting Python a few hundred times would take minutes."""

from __future__ import annotations

import contextlib
import gc
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobgen.cli.main import main


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended and what it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return self.stdout + self.stderr


def make_project(folder: Path, schema: str = "") -> Path:
    """Create a project with this Schema.sql and return its folder."""
    (folder / "Application").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.jobgen]\n")
    (folder / "Application/Schema.sql").write_text(schema)
    return folder


def jobgen(project: Path, *arguments: str, url: str, **environment: str) -> Result:
    """Run `jobgen` in a project whose DATABASE_URL is `url`."""
    stdout, stderr = io.StringIO(), io.StringIO()
    threshold = gc.get_threshold()
    with (
        contextlib.chdir(project),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {"DATABASE_URL": url, **environment}.items():
            patch.setenv(name, value)
        patch.setattr("sys.argv", ["jobgen", *arguments])
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            gc.set_threshold(*threshold)
    assert isinstance(code, int)
    return Result(code, stdout.getvalue(), stderr.getvalue())
