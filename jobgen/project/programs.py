"""The programs of the project's own environment, which may not be the one that runs jobgen."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from jobgen.errors import JobgenError


def find_program(root: Path, name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of a program, such as `run-jobs`, of the project at `root`.

    It is looked for in the project's `.venv` or `venv`, in the active virtual environment, next to
    the Python that runs jobgen, and on the PATH.

    Raises:
        JobgenError: It is in none of them.
    """
    folders = [root / ".venv", root / "venv", Path(sys.prefix)]
    if active := environ.get("VIRTUAL_ENV"):
        folders.insert(2, Path(active))
    for folder in folders:
        program = folder / "bin" / name
        if os.access(program, os.X_OK):
            return program
    if found := shutil.which(name, path=environ.get("PATH")):
        return Path(found)
    raise JobgenError(
        f"The program {name} is not installed for this project.",
        hint="Install the project's dependencies, with `make install` in a new application, "
        "or activate its virtual environment.",
    )
