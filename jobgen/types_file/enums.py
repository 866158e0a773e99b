"""An enum of the database as a Python Enum."""

from __future__ import annotations

import re
import unicodedata

from jobgen.schema.model import EnumType
from jobgen.types_file.text import quoted


def enum_lines(class_name: str, type_name: str, enum: EnumType) -> list[str]:
    """The lines of the class: one member a label, in the labels' order."""
    lines = [f"class {class_name}(Enum):"]
    if not enum.labels:
        lines.append(f'    """The enum `{type_name}`, which has no values."""')
    for name, label in zip(member_names(enum.labels), enum.labels, strict=True):
        lines.append(f"    {name} = {quoted(label)}")
    return lines


def member_names(labels: tuple[str, ...]) -> list[str]:
    """A valid name for each label, no two alike: `in progress` is IN_PROGRESS, `2fa` VALUE_2FA.

    Where two would meet, the later one gets a number.
    """
    names: list[str] = []
    taken: set[str] = set()
    for label in labels:
        # Python compares identifiers in this normal form.
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
