"""Many cases in one database, each in a schema: a migration takes as long for one as for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def schema_of(name: str) -> str:
    """Return the schema of a case."""
    return name.replace(" ", "_")


def in_schemas(names: Iterable[str], text: Callable[[str], str]) -> str:
    """Return one Schema.sql with the text of each case in its schema."""
    return "".join(
        f"CREATE SCHEMA {schema_of(name)};\nSET search_path = {schema_of(name)}, public;\n"
        f"{text(name)}\n"
        for name in names
    )
