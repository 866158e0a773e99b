"""Imports the project's own modules."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from jobgen_runtime.contract import ProjectError
from jobgen_runtime.project.root import main_module


def load_workers(root: Path) -> list[object]:
    """What the project's WorkerMain lists as `workers`. Raises ProjectError if it lists nothing."""
    name = main_module(root)
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise ProjectError(
            f"The project {root} has no {name}.py, so there are no jobs to run.",
            hint="`jobgen job NAME` writes it with the first job.",
        )
    workers = getattr(importlib.import_module(name), "workers", None)
    if not isinstance(workers, list | tuple) or not workers:
        raise ProjectError(
            f"{found.origin} lists no jobs: `workers` is {workers!r}.",
            hint="`jobgen job NAME` adds one.",
        )
    return list(workers)


def load_file(path: Path) -> ModuleType:
    """Runs the file as a module named after it, and returns that."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ProjectError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and typing look modules up by name.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
