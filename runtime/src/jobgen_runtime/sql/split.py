"""Splits the runtime's own scripts into statements, for drivers that take one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|(\$\w*\$).*?\1|;", re.DOTALL)


def split_statements(text: str) -> Iterator[str]:
    """Yield the statements of a script, each with the comments before it and without `;`."""
    start = 0
    for token in _TOKEN.finditer(text):
        if token[0] == ";":
            yield text[start : token.start()].strip()
            start = token.end()
