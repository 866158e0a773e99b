"""Finds the project, and puts it on the Python path."""

from __future__ import annotations

from jobgen_runtime.project.applications import application_of
from jobgen_runtime.project.load import load_file, load_workers
from jobgen_runtime.project.root import (
    enter,
    entered,
    find_root,
    main_module,
    require_root,
    settings,
)

__all__ = [
    "application_of",
    "enter",
    "entered",
    "find_root",
    "load_file",
    "load_workers",
    "main_module",
    "require_root",
    "settings",
]
