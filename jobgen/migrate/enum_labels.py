"""Adds the labels that an enum type of the database does not have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ENUM = re.compile(r"CREATE TYPE (?P<name>.+?) AS ENUM \((?P<labels>.*)\);", re.DOTALL)
_LABEL = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class Labels:
    """The changes that turn one enum type into another.

    Attributes:
        additions: The statements that add labels, one for each.
        extra: The labels that only the database has, which no statement can remove.
    """

    additions: tuple[str, ...]
    extra: tuple[str, ...]


def compare_labels(current: str, wanted: str) -> Labels | None:
    """Compare two enum types.

    Args:
        current: The CREATE TYPE of the type as it is.
        wanted: The CREATE TYPE of the type as it is to be.

    Returns:
        None if added labels are not enough: a type is not an enum, or its labels have another
        order.
    """
    before, after = _ENUM.fullmatch(current), _ENUM.fullmatch(wanted)
    if before is None or after is None:
        return None
    old, new = _LABEL.findall(before["labels"]), _LABEL.findall(after["labels"])
    if [label for label in new if label in old] != [label for label in old if label in new]:
        return None
    extra = tuple(label.replace("''", "'") for label in old if label not in new)
    return Labels(label_statements(after["name"], old, new), extra)


def label_statements(name: str, current: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the statements that add the labels an enum does not have, each in its position.

    Args:
        name: The type's name, quoted where it needs it.
        current: The labels it has, escaped for quotes.
        wanted: The labels it is to have, escaped for quotes.
    """
    statements = []
    present = list(current)
    for position, label in enumerate(wanted):
        if label in present:
            continue
        if position:
            side = f" AFTER '{wanted[position - 1]}'"
        else:
            later = next((other for other in wanted if other in present), None)
            side = f" BEFORE '{later}'" if later is not None else ""
        statements.append(f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS '{label}'{side};")
        present.append(label)
    return tuple(statements)
