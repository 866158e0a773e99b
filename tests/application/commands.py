"""Run commands of an installed environment, as its user does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.environment import compile_what_is_imported

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python")
"""This environment's pip: installing pip itself into new ones takes seconds."""


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    for variable in ("DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(variable, None)
    compile_what_is_imported(environment)
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}"
    return done.stdout
