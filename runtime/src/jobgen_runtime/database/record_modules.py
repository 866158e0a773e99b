"""The modules of the application's records, by which its project is found from any folder."""

from __future__ import annotations

import sys
from pathlib import Path

from jobgen_runtime.project import find_root

_modules: dict[str, None] = {}


def note_record_module(name: str) -> None:
    """Note that the module with this name defines records."""
    # The runtime itself may be installed below any project.
    if not name.startswith("jobgen_runtime."):
        _modules[name] = None


def record_projects() -> list[Path]:
    """Return the roots of the projects that modules with records belong to.

    Raises:
        ProjectError: A pyproject.toml that mentions jobgen is not readable.
    """
    files = (getattr(sys.modules.get(name), "__file__", None) for name in _modules)
    folders = dict.fromkeys(Path(file).parent for file in files if file)
    roots = map(find_root, folders)
    return list(dict.fromkeys(root for root in roots if root is not None))
