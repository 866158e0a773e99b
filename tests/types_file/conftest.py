"""A fixture that imports the Types.py of a Schema.sql."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.types_file.rendering import Import, rendered


@pytest.fixture
def import_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """A function that renders the Types.py of a Schema.sql and imports it."""
    numbers = itertools.count()

    def import_(text: str) -> ModuleType:
        path = tmp_path / f"Types{next(numbers)}.py"
        path.write_text(rendered(text))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        # Annotations are evaluated in the module that sys.modules has under its name.
        monkeypatch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
        return module

    return import_
