"""Where the project is."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobgen_runtime.contract import ProjectError


def settings(root: Path) -> dict[str, Any] | None:
    """The table `[tool.jobgen]` of the pyproject.toml in `root`, None where there is none.

    Raises ProjectError if the file is no TOML.
    """
    path = root / "pyproject.toml"
    try:
        with path.open("rb") as file:
            table = tomllib.load(file).get("tool", {}).get("jobgen")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} cannot be read: {error}.") from error
    return table if isinstance(table, dict) else None


def find_root(start: Path) -> Path | None:
    """The nearest folder from `start` upwards whose pyproject.toml has `[tool.jobgen]`."""
    return next((folder for folder in _upwards(start) if settings(folder) is not None), None)


def require_root(start: Path) -> Path:
    """Like `find_root`. Raises ProjectError if there is none."""
    root = find_root(start)
    if root is None:
        raise ProjectError(
            f"No project at {start} or above it: no pyproject.toml there has [tool.jobgen].",
            hint="Go to the project's folder, or make one with `jobgen new NAME`.",
        )
    return root


_entered: list[Path] = []


def entered() -> Path | None:
    """The project that this process works for, where it was told so."""
    return _entered[-1] if _entered else None


def enter(root: Path) -> None:
    """Puts the project's modules on the Python path, before all others."""
    _entered.append(root)
    source = str((root / _text(settings(root) or {}, "source", ".")).resolve())
    if source in sys.path:
        sys.path.remove(source)
    sys.path.insert(0, source)


def main_module(root: Path) -> str:
    """The dotted name of the module that lists the workers of all applications."""
    return module_name(root, paths(root).get("main", "WorkerMain.py"))


def paths(root: Path) -> dict[str, str]:
    """The table `[tool.jobgen.paths]`. Raises ProjectError where one of them is no text."""
    table = (settings(root) or {}).get("paths")
    table = table if isinstance(table, dict) else {}
    return {key: _text(table, key, "") for key in table}


def module_name(root: Path, path: str) -> str:
    """The dotted name of the module in that file, whose path is relative to the project."""
    file = Path(path)
    source = Path(_text(settings(root) or {}, "source", "."))
    if file.is_relative_to(source):
        file = file.relative_to(source)
    return ".".join(file.with_suffix("").parts)


def _upwards(start: Path) -> Iterator[Path]:
    folder = start.resolve()
    yield folder
    yield from folder.parents


def _text(table: dict[str, Any], key: str, default: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ProjectError(f"[tool.jobgen] {key} in pyproject.toml must be text, not {value!r}.")
    return value
