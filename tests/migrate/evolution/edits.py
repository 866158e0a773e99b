"""Edits of Schema.sql, read from `sql/*.sql`.

A file has blocks of this form, each in a schema of the edit's name:

    -- edit: NAME, applied      or: reported
    the tables before the edit
    -- rows:
    INSERT statements
    -- becomes:
    the tables after the edit
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^-- edit: (\w+), (applied|reported)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of Schema.sql.

    Attributes:
        name: Its name, and that of its schema.
        applied: Whether `jobgen migrate` does all of it; it reports at least a part of the others.
    """

    name: str
    applied: bool
    before: str
    rows: str
    after: str

    def is_named_in(self, text: str) -> bool:
        """Return whether a text names the edit's schema or something in it."""
        pattern = rf'(?<![\w.])"?{self.name}"?\.["\w]'
        # Most texts do not have the name, which Python finds out faster than a pattern does.
        return self.name in text and re.search(pattern, text) is not None


def read_edits() -> list[Edit]:
    """Return all edits."""
    edits = []
    for path in sorted(Path(__file__).with_name("sql").glob("*.sql")):
        words = _BLOCK.split(path.read_text(encoding="utf-8"))[1:]
        for name, outcome, block in zip(words[::3], words[1::3], words[2::3], strict=True):
            before, _, after = block.partition("-- becomes:\n")
            before, _, rows = before.partition("-- rows:\n")
            edits.append(Edit(name, outcome == "applied", before, rows, after))
    return edits


def joined(edits: Iterable[Edit], attribute: str) -> str:
    """Return one script with the texts of these edits, "before", "rows" or "after"."""
    create = "" if attribute == "rows" else "CREATE SCHEMA {0};\n"
    head = create + "SET search_path = {0}, public;\n"
    return "".join(f"{head.format(edit.name)}{getattr(edit, attribute)}\n" for edit in edits)
