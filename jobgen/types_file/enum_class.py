"""Renders an enum type of the database as a Python Enum."""

from __future__ import annotations

import re
import unicodedata

from jobgen.schema.model import EnumType
from jobgen.types_file.text import quoted


def enum_lines(class_name: str, type_name: str, enum: EnumType) -> list[str]:
    """Return the lines of the class, with one member for each label, in order."""
    lines = [f"class {class_name}(Enum):"]
    if not enum.labels:
        lines.append(f'    """The enum `{type_name}`, which has no values."""')
    for name, label in zip(member_names(enum.labels), enum.labels, strict=True):
        lines.append(f"    {name} = {quoted(label)}")
    return lines


def member_names(labels: tuple[str, ...]) -> list[str]:
    """Return a distinct, valid name for each label: IN_PROGRESS for `in progress`.

    A label that gives no identifier gets a prefix: VALUE_2FA for `2fa`. If two labels give the
    same name, the later one gets a number.
    """
    names: list[str] = []
    taken: set[str] = set()
    for label in labels:
        # Python normalises identifiers to NFKC before comparing them.
        plain = unicodedata.normalize("NFKC", label).upper()
        plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", plain)).strip("_")
        name = plain or ("VALUE" if label else "EMPTY")
        if not name.isidentifier():
            name = f"VALUE_{name}"
        if not name.isidentifier():
            name = "VALUE"
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        names.append(unique)
    return names
