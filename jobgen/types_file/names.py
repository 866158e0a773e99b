"""The classes of Generated/Types.py: what each is called, and where two would be called alike."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass

from jobgen.errors import JobgenError
from jobgen.naming import camel_case, record_name, split_words
from jobgen.schema.model import EnumType, QualifiedName, Schema, Table

# What Types.py may import or define itself; a class of that name would hide it.
_RESERVED = """
    Any AsyncConnection ClassVar Connection Decimal Enum IPv4Address IPv4Interface IPv4Network
    IPv6Address IPv6Interface IPv6Network IpAddress IpNetwork Iterable JobRecord JobStatus
    Multirange Range Record Required Self Table TypedDict UUID Unpack Values
"""
RESERVED_CLASSES = frozenset(_RESERVED.split())


@dataclass(frozen=True, slots=True)
class Clash:
    """Two things that would have one class name; `line` is in Schema.sql, None if unknown."""

    message: str
    hint: str
    line: int | None


class RecordClashError(JobgenError):
    """Types.py cannot be written: `clashes` says which names meet."""

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        super().__init__("\n".join(clash.message for clash in clashes), hint=clashes[0].hint)
        self.clashes = clashes


@dataclass(frozen=True, slots=True)
class ClassNames:
    """The class of each table and of each enum."""

    records: Mapping[QualifiedName, str]
    enums: dict[QualifiedName, str]
    clashes: tuple[Clash, ...]


def recorded_tables(schema: Schema) -> list[Table]:
    """The tables that get a record: all but partitions, whose rows are their table's."""
    return [table for table in schema.tables.values() if table.partition_of is None]


def class_names(schema: Schema, overrides: Mapping[str, str]) -> ClassNames:
    """Name every class; `overrides` are `[tool.jobgen.records]`, by `table` or `schema.table`."""
    enums = {
        name: overrides.get(f"{name.schema}.{name.name}") or _enum_name(name.name, overrides)
        for name, type_ in schema.types.items()
        if isinstance(type_, EnumType)
    }
    records = {
        table.qualified: overrides.get(f"{table.schema}.{table.name}")
        or record_name(table.name, overrides)
        for table in recorded_tables(schema)
    }
    owners: dict[str, str] = {}
    clashes: list[Clash] = []
    for kind, names in (("enum", enums), ("table", records)):
        # Unqualified names first: of two tables, the one that is named in full gives way.
        for name, class_name in sorted(
            names.items(), key=lambda item: item[0].schema != schema.default_schema
        ):
            what = f"the {kind} {_shown(name, schema)}"
            other = owners.setdefault(class_name, what)
            if class_name in RESERVED_CLASSES:
                other = "a name that Types.py itself uses"
            if other != what:
                clashes.append(_clash(class_name, what, other, name, schema))
    return ClassNames(records, enums, tuple(clashes))


def _clash(class_name: str, what: str, other: str, name: QualifiedName, schema: Schema) -> Clash:
    key = name.name if name.schema == schema.default_schema else f'"{name.schema}.{name.name}"'
    suggestion = f"{camel_case(split_words(name.schema))}{class_name}"
    if name.schema == schema.default_schema:
        suggestion = f"{class_name}Row"
    table = schema.tables.get(name)
    return Clash(
        message=f"The record of {what} would be called {class_name}, which is {other}'s too."
        if other.startswith("the ")
        else f"The record of {what} would be called {class_name}, which is {other}.",
        hint="Give it another name in pyproject.toml:"
        f' [tool.jobgen.records] {key} = "{suggestion}"',
        line=table.line if table else None,
    )


def _enum_name(name: str, overrides: Mapping[str, str]) -> str:
    """`order_state` is OrderState: nothing is made singular, a type's name is a noun already."""
    if name in overrides:
        return overrides[name]
    words = [word for word in re.split(r"[\W_]+", name) if word]
    result = (
        camel_case(split_words(name))
        if name.isascii()
        else "".join(word[0].upper() + word[1:] for word in words)
    )
    if not result.isidentifier():
        result = f"Enum{result}"
    return f"{result}_" if keyword.iskeyword(result) else result


def _shown(name: QualifiedName, schema: Schema) -> str:
    return name.name if name.schema == schema.default_schema else f"{name.schema}.{name.name}"
