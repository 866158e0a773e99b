"""The imports of Generated/Types.py: only those that its text needs, in isort's order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_STANDARD = {
    "collections.abc": ("Iterable",),
    "datetime": ("date", "datetime", "time", "timedelta"),
    "decimal": ("Decimal",),
    "enum": ("Enum",),
    "ipaddress": (
        "IPv4Address",
        "IPv4Interface",
        "IPv4Network",
        "IPv6Address",
        "IPv6Interface",
        "IPv6Network",
    ),
    "typing": ("Any", "ClassVar", "Required", "Self", "TypedDict", "Unpack"),
    "uuid": ("UUID",),
}
_THIRD_PARTY = {
    "jobgen_runtime": ("JobRecord", "JobStatus", "Record", "Table"),
    "psycopg": ("AsyncConnection", "Connection"),
    "psycopg.types.multirange": ("Multirange",),
    "psycopg.types.range": ("Range",),
}
_DATETIME = _STANDARD["datetime"]
WORD = re.compile(r"[A-Za-z_]\w*")
"""A name in an annotation."""
_WIDTH = 79


def date_aliases(attributes: Iterable[str]) -> dict[str, str]:
    """Other names for datetime's classes that attributes are called like.

    `date: date` in a class makes `date` mean the attribute in the rest of it, for type checkers.
    """
    taken = set(attributes)
    aliases: dict[str, str] = {}
    for name in _DATETIME:
        if name in taken:
            alias = f"{name}_type"
            while alias in taken:
                alias += "_"
            aliases[name] = alias
    return aliases


def rename(annotation: str, aliases: Mapping[str, str]) -> str:
    """The annotation with the aliases in place of the names."""
    return WORD.sub(lambda match: aliases.get(match[0], match[0]), annotation)


def import_lines(words: set[str], aliases: Mapping[str, str]) -> list[str]:
    """The import statements for those of `words` that come from elsewhere."""
    lines = ["from __future__ import annotations", ""]
    for group in (_STANDARD, _THIRD_PARTY):
        statements: list[str] = []
        for module, names in group.items():
            needed = [
                f"{name} as {aliases[name]}" if name in aliases else name
                for name in names
                if aliases.get(name, name) in words
            ]
            if needed:
                statements += _import(module, needed)
        if statements:
            lines += [*statements, ""]
    return lines


def _import(module: str, names: list[str]) -> list[str]:
    if any(" as " in name for name in names):
        # isort keeps aliased names in statements of their own, the plain ones together.
        plain = [name for name in names if " as " not in name]
        aliased = [f"from {module} import {name}" for name in names if " as " in name]
        return sorted([*aliased, *(_import(module, plain) if plain else [])])
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]
