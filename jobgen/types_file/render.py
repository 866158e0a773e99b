"""The whole text of Generated/Types.py."""

from __future__ import annotations

from collections.abc import Mapping

from jobgen.naming import attribute_names
from jobgen.schema.model import EnumType, Schema
from jobgen.types_file.enums import enum_lines
from jobgen.types_file.imports import WORD, date_aliases, import_lines
from jobgen.types_file.names import RecordClashError, class_names, recorded_tables
from jobgen.types_file.record import attributes_of, record_lines, record_words

# Too long to repeat at each column.
_UNIONS = {
    "IpAddress": "IPv4Address | IPv6Address | IPv4Interface | IPv6Interface",
    "IpNetwork": "IPv4Network | IPv6Network",
}


def render_types(schema: Schema, *, overrides: Mapping[str, str], schema_path: str) -> str:
    """One typed record per table of `schema`, and its enums: the same text for equal schemas.

    `overrides` are `[tool.jobgen.records]`; `schema_path` is named at the top. Classes stand in
    the order of their names, so that two branches that add a table each seldom conflict.
    Raises RecordClashError where two classes would have one name.
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
    """The docstring, the imports that the names in `words` need, and the unions among them."""
    unions = [f"{name} = {union}" for name, union in _UNIONS.items() if name in words]
    members = {word for union in unions for word in WORD.findall(union)}
    lines = [
        f'"""The records of {schema_path}, written by `jobgen types`: not to be edited."""',
        "",
    ]
    lines += import_lines(words | members, aliases)
    if unions:
        lines += [*unions, ""]
    return "\n".join(lines)
