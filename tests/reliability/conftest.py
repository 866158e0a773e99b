"""The runtime's small application, and what can go wrong around it."""

from __future__ import annotations

from tests.runtime.conftest import app, prepared, rows, template

__all__ = ["app", "prepared", "rows", "template"]
