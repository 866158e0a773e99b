"""Finds the project, and puts it on the Python path."""

from __future__ import annotations

from jobgen_runtime.project.root import enter, find_root, main_module, require_root, settings

__all__ = ["enter", "find_root", "main_module", "require_root", "settings"]
