"""Check the version of jobgen-runtime in the project's environment."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen import __version__
from jobgen.check.finding import Finding, Rule
from jobgen.project import CONFIG_FILE
from jobgen.project.programs import find_program

_QUESTION = """\
import sys
from importlib.metadata import PackageNotFoundError, version
print("%d.%d.%d" % sys.version_info[:3])
try:
    print(version("jobgen-runtime"))
except PackageNotFoundError:
    pass
"""
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Environment:
    """The Python that runs the project.

    Attributes:
        executable: Its path.
        python: Its version; None if it does not run.
        runtime: The version of its jobgen-runtime; None if it has none.
    """

    executable: Path
    python: str | None = None
    runtime: str | None = None


def read_environment(root: Path) -> Environment:
    """Return the environment of the project at `root`.

    Raises:
        JobgenError: The project has no Python.
    """
    executable = find_program(root, "python")
    try:
        done = subprocess.run(
            [str(executable), "-P", "-c", _QUESTION],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Environment(executable)
    versions = done.stdout.split() if done.returncode == 0 else []
    return Environment(executable, *versions[:2])


def check_runtime(environment: Environment) -> list[Finding]:
    """Return a finding if the project's jobgen-runtime is missing or has another version."""
    found = environment.runtime
    if found == __version__:
        return []
    what = f"has jobgen-runtime {found}" if found else "has no jobgen-runtime"
    return [
        Finding(
            Rule.RUNTIME_DIFFERS,
            f"The project's environment ({environment.executable}) {what}; jobgen is"
            f" {__version__}.",
            path=PurePosixPath(CONFIG_FILE),
            hint="Install the same version of both in it.",
        )
    ]
