"""The class names of Generated/Types.py, and the clashes between them."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from jobgen.errors import JobgenError
from jobgen.naming import camel_case, record_name, split_words
from jobgen.schema.model import EnumType, QualifiedName, Schema, Table

# The names that Types.py imports or defines itself, which a class of the same name would hide.
_RESERVED = """
    Any AsyncCallerConnection CallerConnection Changes ClassVar Decimal Enum IPv4Address
    IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network IpAddress IpNetwork Iterable
    JobRecord JobStatus Multirange Range Record Required Self Table TypedDict UUID Unpack Values
"""
RESERVED_CLASSES = frozenset(_RESERVED.split())
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Clash:
    """Two objects with the same class name.

    `line` is where Schema.sql creates the table; None if unknown.
    """

    message: str
    hint: str
    line: int | None


class RecordClashError(JobgenError):
    """Types.py cannot be written because of `clashes` between class names."""

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        """Report all clashes; the hint is that of the first."""
        super().__init__("\n".join(clash.message for clash in clashes), hint=clashes[0].hint)
        self.clashes = clashes


@dataclass(frozen=True, slots=True)
class ClassNames:
    """The class name of each table and each enum."""

    records: Mapping[QualifiedName, str]
    enums: dict[QualifiedName, str]
    clashes: tuple[Clash, ...]


def recorded_tables(schema: Schema) -> list[Table]:
    """Return the tables that get a record: all except partitions."""
    return [table for table in schema.tables.values() if table.partition_of is None]


def class_names(schema: Schema, overrides: Mapping[str, str]) -> ClassNames:
    """Name every class.

    `overrides` are the class names in `[tool.jobgen.records]`, by `table` or `schema.table`.
    """
    enums = {
        name: _class_name(name, _visible(name.name, schema, is_enum=True), overrides, _enum_name)
        for name, type_ in schema.types.items()
        if isinstance(type_, EnumType)
    }
    records: dict[QualifiedName, str] = {}
    for table in recorded_tables(schema):
        visible = _visible(table.name, schema, is_enum=False)
        records[table.qualified] = _class_name(table.qualified, visible, overrides, _record_name)
    owners: dict[str, str] = {}
    taken = RESERVED_CLASSES | {*enums.values(), *records.values()}
    clashes: list[Clash] = []
    for kind, names in (("enum", enums), ("table", records)):
        # Names in the default schema come first, so that of two tables the other one gives way.
        for name, class_name in sorted(
            names.items(), key=lambda item: item[0].schema != schema.default_schema
        ):
            owner = f"the {kind} {_displayed(name, schema)}"
            other = owners.setdefault(class_name, owner)
            if class_name in RESERVED_CLASSES or other != owner:
                user = "Types.py itself" if class_name in RESERVED_CLASSES else other
                suggestion = _free_name(class_name, taken)
                taken |= {suggestion}
                clashes.append(_clash(class_name, owner, user, name, schema, suggestion=suggestion))
    return ClassNames(records, enums, tuple(clashes))


def enum_class_names(schema: Schema, overrides: Mapping[str, str]) -> dict[QualifiedName, str]:
    """Return the class name of each enum, also if it clashes with another name."""
    return class_names(schema, overrides).enums


def _class_name(
    name: QualifiedName,
    visible: QualifiedName | None,
    overrides: Mapping[str, str],
    make: Callable[[str], str],
) -> str:
    """Return the name of a class.

    Args:
        name: The table or enum.
        visible: The object that the name refers to without its schema. Anything else of that name
            has its schema's name as a prefix.
        overrides: The class names in `[tool.jobgen.records]`.
        make: Returns the class name of a name in the database.
    """
    if chosen := overrides.get(f"{name.schema}.{name.name}"):
        return chosen
    if visible in {name, None} and name.name in overrides:
        return overrides[name.name]
    return make(name.name if visible == name else f"{name.schema}_{name.name}")


def _visible(name: str, schema: Schema, *, is_enum: bool) -> QualifiedName | None:
    """Return what an enum's or a table's name refers to without its schema.

    If nothing of its kind, then what the other kind has: a name below `[tool.jobgen.records]` is
    that of one object.
    """
    table = schema.find_table(name)
    found = (schema.find_type(name), table.qualified if table else None)
    first, second = found if is_enum else reversed(found)
    return first or second


def _free_name(class_name: str, taken: Collection[str]) -> str:
    """Return the name that is suggested instead of one that is taken."""
    candidate, number = f"{class_name}Row", 2
    while candidate in taken:
        candidate, number = f"{class_name}Row{number}", number + 1
    return candidate


def _clash(
    class_name: str, owner: str, other: str, name: QualifiedName, schema: Schema, *, suggestion: str
) -> Clash:
    key = name.name if name.schema == schema.default_schema else f"{name.schema}.{name.name}"
    if not _BARE_KEY.fullmatch(key):
        key = json.dumps(key, ensure_ascii=False)
    table = schema.tables.get(name)
    return Clash(
        message=f"The class of {owner} would be named {class_name}, which {other} already uses.",
        hint=f'Choose another name in pyproject.toml: [tool.jobgen.records] {key} = "{suggestion}"',
        line=table.line if table else None,
    )


def _record_name(table: str) -> str:
    return record_name(table, {})


def _enum_name(name: str) -> str:
    """Return OrderState for `order_state`; names of types are singular already."""
    words = [word for word in re.split(r"[\W_]+", name) if word]
    result = (
        camel_case(split_words(name))
        if name.isascii()
        else "".join(word[0].upper() + word[1:] for word in words)
    )
    if not result.isidentifier():
        result = f"Enum{result}"
    return f"{result}_" if keyword.iskeyword(result) else result


def _displayed(name: QualifiedName, schema: Schema) -> str:
    return name.name if name.schema == schema.default_schema else f"{name.schema}.{name.name}"
