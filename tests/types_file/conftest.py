"""Schema.sql to an imported Types.py, and a database that fits it."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from tests.support.database import temporary_database
from tests.types_file.rendering import Import, rendered


@pytest.fixture(scope="session")
def shared_database(server_url: str) -> Iterator[str]:
    """One database for the tests that roll back what they do."""
    with temporary_database(server_url) as url:
        yield url


@pytest.fixture
def conn(shared_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to it; what the test does is rolled back."""
    with psycopg.connect(shared_database) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def import_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Imports the Types.py of a Schema.sql."""
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
