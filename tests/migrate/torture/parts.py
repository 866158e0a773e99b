"""The parts of the torture schema: one file for each kind of object that `pg_dump` prints.

Each part has a schema of its name to itself, so that all parts can be one Schema.sql. Objects
without a schema begin with `torture_`. A first line `-- from: 17` names the oldest version that has
the part's statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROLES = ("torture_owner", "torture_reader")
"""Roles that the parts name; they must exist on the server."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the torture schema."""

    name: str
    text: str
    oldest: int

    def is_named_in(self, text: str) -> bool:
        """Return whether a text names the part's schema or something in it."""
        pattern = rf'(?<![\w.])"?{self.name}"?\.["\w]'
        # Most texts do not have the name, which Python finds out faster than a pattern does.
        return self.name in text and re.search(pattern, text) is not None


def read_parts() -> list[Part]:
    """Return all parts."""
    parts = []
    for path in sorted(Path(__file__).with_name("sql").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        oldest = re.match(r"-- from: (\d+)\n", text)
        parts.append(Part(path.stem, text, int(oldest[1]) if oldest else 0))
    return parts


def joined(parts: Iterable[Part]) -> str:
    """Return one Schema.sql with these parts."""
    return "\n".join(
        f'CREATE SCHEMA "{part.name}";\nSET search_path = "{part.name}", public;\n{part.text}'
        for part in parts
    )
