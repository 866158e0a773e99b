"""The imports of Generated/Types.py: only the necessary ones, in isort's order."""

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
    "jobgen_runtime": (
        "AsyncCallerConnection",
        "CallerConnection",
        "JobRecord",
        "JobStatus",
        "Record",
        "Table",
    ),
    "psycopg.types.multirange": ("Multirange",),
    "psycopg.types.range": ("Range",),
}
_DATETIME = _STANDARD["datetime"]
WORD = re.compile(r"[A-Za-z_]\w*")
"""Matches a name in an annotation."""
_WIDTH = 79


def date_aliases(attributes: Iterable[str]) -> dict[str, str]:
    """Return aliases for the classes of datetime that share a name with an attribute.

    In a class with `date: date`, type checkers read `date` as the attribute from there on.
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
    """Replace the names in an annotation that have an alias."""
    return WORD.sub(lambda match: aliases.get(match[0], match[0]), annotation)


def import_lines(words: set[str], aliases: Mapping[str, str]) -> list[str]:
    """Return the import statements for those of `words` that must be imported."""
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
        # isort gives each aliased name its own statement and keeps the others together.
        plain = [name for name in names if " as " not in name]
        aliased = [f"from {module} import {name}" for name in names if " as " in name]
        return sorted([*aliased, *(_import(module, plain) if plain else [])])
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]
