"""What a program installs: the project's declared dependencies, or all that is installed."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from jobgen.errors import JobgenError

RUNTIME = "jobgen-runtime"
_TOOLS = frozenset({"jobgen", "pip", "setuptools", "wheel", "uv"})
"""Installed distributions that no program needs, with what only they require."""

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?")

_LIST = """
import importlib.metadata, json
print(json.dumps({each.name: each.requires or [] for each in importlib.metadata.distributions()}))
"""


def declared_requirements(pyproject: Mapping[str, object]) -> tuple[str, ...] | None:
    """Return the dependencies in `[project]`, without addresses: what is installed is taken.

    Returns:
        None where `[project]` has no list `dependencies`.
    """
    project = pyproject.get("project")
    declared = project.get("dependencies") if isinstance(project, dict) else None
    if not isinstance(declared, list):
        return None
    requirements = [_without_address(each) for each in declared if isinstance(each, str)]
    if not any(_name(each) == RUNTIME for each in requirements):
        requirements.append(RUNTIME)
    return tuple(requirements)


def installed_requirements(python: Path) -> tuple[str, ...]:
    """Return every distribution that is installed for `python`, but jobgen and installers.

    What only those require is left out, too.

    Raises:
        JobgenError: The interpreter does not run.
    """
    done = subprocess.run(
        (python, "-I", "-c", _LIST), capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise JobgenError(f"{python} cannot list what is installed for it: {done.stderr.strip()}")
    return needed(json.loads(done.stdout))


def require_same_python(python: Path) -> None:
    """Check that the project's interpreter is of the version that jobgen runs with.

    Raises:
        JobgenError: It is not, or it does not run.
    """
    done = subprocess.run(
        (python, "-I", "-V"), capture_output=True, text=True, timeout=60, check=False
    )
    version, own = done.stdout.strip().removeprefix("Python "), platform.python_version()
    if version.split(".")[:2] != own.split(".")[:2]:
        raise JobgenError(
            f"The project's environment has Python {version or 'that does not run'}, and jobgen "
            f"runs with Python {own}, which a standalone program would contain.",
            hint="Install `jobgen[standalone]` into the project's environment, and run it there.",
        )


def needed(installed: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the distributions that are not there for the tools alone.

    Args:
        installed: The requirements of each distribution.
    """
    requires = {
        _normalized(name): {_name(each) for each in requirements}
        for name, requirements in installed.items()
    }
    for_tools = _closure(_TOOLS, requires)
    roots = {name for name in requires if name not in for_tools or name == RUNTIME}
    return tuple(sorted(_closure(roots, requires) - _TOOLS))


def _closure(names: Iterable[str], requires: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [name for name in names if name in requires]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(each for each in requires[name] if each in requires)
    return found


def _without_address(requirement: str) -> str:
    match = _NAME.match(requirement)
    if match is None:
        return requirement
    rest = requirement[match.end() :].lstrip()
    if not rest.startswith("@"):
        return requirement.strip()
    marker = re.search(r"\s;(.*)$", rest)
    return f"{match[1]}{match[2] or ''}" + (f" ;{marker[1]}" if marker else "")


def _name(requirement: str) -> str:
    match = _NAME.match(requirement)
    return _normalized(match[1]) if match else ""


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
