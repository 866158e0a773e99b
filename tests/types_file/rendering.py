"""Renders the Types.py of a Schema.sql."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import ModuleType

from jobgen.schema.model import Schema
from jobgen.schema.parse.reader import read_schema
from jobgen.types_file import render_types

Import = Callable[[str], ModuleType]
"""A function that imports the Types.py of a Schema.sql."""


def read(text: str) -> Schema:
    return read_schema(text, PurePosixPath("Application/Schema.sql"))


def rendered(text: str, overrides: Mapping[str, str] | None = None) -> str:
    """Return the text of Types.py for a Schema.sql."""
    return render_types(read(text), overrides=overrides or {}, schema_path="Application/Schema.sql")
