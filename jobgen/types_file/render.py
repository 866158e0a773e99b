"""Renders Generated/Types.py."""

from __future__ import annotations

from collections.abc import Mapping

from jobgen.naming import attribute_names
from jobgen.schema.model import EnumType, Schema
from jobgen.types_file.class_names import RecordClashError, class_names, recorded_tables
from jobgen.types_file.enum_class import enum_lines
from jobgen.types_file.imports import WORD, date_aliases, import_lines
from jobgen.types_file.record_class import attributes_of, record_lines, record_words

WRITTEN_BY = "written by `jobgen types`"
"""The mark in the first line of Types.py by which jobgen knows that it may replace the file."""

# The names in a schema are not a choice of style. Without the second line, PGH004 is reported where
# that rule is selected.
_NO_LINT = ("# ruff: noqa", "# ruff: noqa: PGH004")

# Type aliases, because these are too long to repeat at each column.
_UNIONS = {
    "IpAddress": "IPv4Address | IPv6Address | IPv4Interface | IPv6Interface",
    "IpNetwork": "IPv4Network | IPv6Network",
}


def render_types(schema: Schema, *, overrides: Mapping[str, str], schema_path: str) -> str:
    """Return the text of Types.py: a typed record for each table of `schema`, and its enums.

    Equal schemas give the same text. Classes are sorted by name, so that two branches that add a
    table each seldom conflict.

    Args:
        schema: The schema.
        overrides: The class names in `[tool.jobgen.records]`.
        schema_path: The path of Schema.sql, which the file's docstring names.

    Raises:
        RecordClashError: Two classes have the same name.
    """
    names = class_names(schema, overrides)
    if names.clashes:
        raise RecordClashError(names.clashes)
    tables = sorted(recorded_tables(schema), key=lambda table: names.records[table.qualified])
    aliases = date_aliases(
        name
        for table in tables
        for name in attribute_names(column.name for column in table.columns).values()
    )
    blocks: list[list[str]] = []
    words: set[str] = set()
    for name, class_name in sorted(names.enums.items(), key=lambda item: item[1]):
        enum = schema.types[name]
        if isinstance(enum, EnumType):
            blocks.append(enum_lines(class_name, name.name, enum))
            words.add("Enum")
    for table in tables:
        attributes = attributes_of(table, schema, names.enums, aliases)
        class_name = names.records[table.qualified]
        blocks.append(record_lines(class_name, table, attributes, schema))
        words |= record_words(table, attributes)
    body = "\n\n\n".join("\n".join(block) for block in blocks)
    return _head(words, aliases, schema_path) + (f"\n\n{body}\n" if body else "")


def _head(words: set[str], aliases: Mapping[str, str], schema_path: str) -> str:
    """Return the docstring, and the imports and type aliases that `words` need."""
    unions = [f"{name} = {union}" for name, union in _UNIONS.items() if name in words]
    members = {word for union in unions for word in WORD.findall(union)}
    lines = [
        f'"""Typed records of {schema_path}, {WRITTEN_BY}. Do not edit."""',
        "",
        *_NO_LINT,
        "",
    ]
    lines += import_lines(words | members, aliases)
    if unions:
        lines += [*unions, ""]
    return "\n".join(lines)
