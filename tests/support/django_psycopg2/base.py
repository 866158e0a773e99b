"""The connection of Django's backend, with the driver psycopg2."""

from __future__ import annotations

import importlib
import sys
from typing import Any

_PACKAGE = "django.db.backends.postgresql"


def _import_without_psycopg() -> Any:
    """Return a separate copy of the backend that has found no psycopg 3."""
    hidden = [name for name in sys.modules if name == "psycopg" or name.startswith(f"{_PACKAGE}.")]
    kept = {name: sys.modules.pop(name) for name in hidden}
    sys.modules["psycopg"] = None  # type: ignore[assignment]  # makes its import fail
    try:
        return importlib.import_module(f"{_PACKAGE}.base")
    finally:
        for name in [name for name in sys.modules if name.startswith(f"{_PACKAGE}.")]:
            del sys.modules[name]
        del sys.modules["psycopg"]
        sys.modules.update(kept)


DatabaseWrapper = _import_without_psycopg().DatabaseWrapper
