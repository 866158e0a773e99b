"""Applies CREATE, DROP and SET SCHEMA of extensions, which create types."""

from __future__ import annotations

from jobgen.schema.parse.draft import Draft
from jobgen.schema.parse.tree import Node


def create_extension(draft: Draft, statement: Node) -> None:
    """Apply CREATE EXTENSION, which creates its objects in the first schema of the search_path."""
    options = {
        option["DefElem"]["defname"]: option["DefElem"] for option in statement.get("options", ())
    }
    place = draft.new_name([""]).schema
    if "schema" in options:
        place = options["schema"]["arg"]["String"]["sval"]
    draft.extensions.setdefault(statement["extname"], place)


def drop_extension(draft: Draft, name: str) -> None:
    """Apply DROP EXTENSION."""
    draft.extensions.pop(name, None)


def move_extension(draft: Draft, name: str, schema: str) -> None:
    """Apply ALTER EXTENSION … SET SCHEMA."""
    if name in draft.extensions:
        draft.extensions[name] = schema
