"""Check the version of jobgen-runtime in the project's environment."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

from jobgen import __version__
from jobgen.check.finding import Finding, Rule
from jobgen.project import CONFIG_FILE
from jobgen.project.programs import find_program

_QUESTION = "from importlib.metadata import version; print(version('jobgen-runtime'))"
_SECONDS = 20


def check_runtime(root: Path) -> list[Finding]:
    """Return a finding if the project's jobgen-runtime is missing or has another version.

    Raises:
        JobgenError: The project has no Python.
    """
    python = find_program(root, "python")
    try:
        done = subprocess.run(
            [str(python), "-P", "-c", _QUESTION],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        found = done.stdout.strip() if done.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired):
        found = None
    if found == __version__:
        return []
    what = f"has jobgen-runtime {found}" if found else "has no jobgen-runtime"
    return [
        Finding(
            Rule.RUNTIME_DIFFERS,
            f"The project's environment ({python}) {what}; jobgen is {__version__}.",
            path=PurePosixPath(CONFIG_FILE),
            hint="Install the same version of both in it.",
        )
    ]
