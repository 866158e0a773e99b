"""The package in a program that holds the application."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from jobgen_runtime.project.built import DESCRIPTION, PACKAGE, ROOT

from jobgen.build.programs import Program


def write_bundle(
    folder: Path,
    root: Path,
    files: Iterable[PurePosixPath],
    program: Program,
    pyproject: Mapping[str, object],
) -> None:
    """Write the package into `folder`: the description, the options, and copies of the files.

    Args:
        folder: An empty folder.
        root: The project's root.
        files: The files to copy, relative to it.
        program: The program.
        pyproject: The tables of the project's pyproject.toml, of which the program gets
            `[tool.jobgen]` alone.
    """
    package = folder / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text("")
    description = {
        "name": program.name,
        "application": _application(root, pyproject),
        "revision": revision(root),
        "script": None if program.script is None else str(program.script),
    }
    (package / DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")
    target = package / ROOT
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, target / file)
    (target / "pyproject.toml").write_text(_options(pyproject), encoding="utf-8")


def revision(root: Path) -> str | None:
    """Return the commit that the project is at, and whether files were changed since.

    Returns:
        None where `root` is not in a Git repository, or Git is not installed.
    """
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    if not commit:
        return None
    return f"{commit}, with changes" if _git(root, "status", "--porcelain", "--", ".") else commit


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ("git", "-C", root, *words), capture_output=True, text=True, timeout=60, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _application(root: Path, pyproject: Mapping[str, object]) -> str:
    project = pyproject.get("project")
    values = project if isinstance(project, dict) else {}
    name, version = values.get("name", root.name), values.get("version")
    return f"{name} {version}" if version else str(name)


def _options(pyproject: Mapping[str, object]) -> str:
    """Return `[tool.jobgen]` as TOML, without what only the generator reads."""
    tool = pyproject.get("tool")
    table = tool.get("jobgen", {}) if isinstance(tool, dict) else {}
    kept = {key: table[key] for key in ("source", "application", "paths", "setup") if key in table}
    return f"[tool.jobgen]\n{_lines(kept)}"


def _lines(table: Mapping[str, object], prefix: str = "") -> str:
    """Return texts, and tables of texts, as lines of TOML. JSON's strings are strings of TOML."""
    return "".join(
        _lines(value, f"{prefix}{json.dumps(key)}.")
        if isinstance(value, dict)
        else f"{prefix}{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in table.items()
    )
