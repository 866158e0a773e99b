"""Indent the text of a JSON value as the database writes it. Pure."""

from __future__ import annotations

import re

MAX_DEPTH = 20
"""Values that are nested deeper are left as they are: their indentation would be most of a page."""

FOLDED_LINES = 8
"""Values with more lines are folded."""

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_OPENING, _CLOSING = "{[", "}]"


def indented_json(text: str) -> str:
    """Return a JSON value with a line for each element; numbers and strings stay as they are.

    A value that was cut short is indented as far as it goes.
    """
    parts: list[str] = []
    depth, previous = 0, ""
    for token in _TOKENS.findall(text):
        if token in _CLOSING:
            depth = max(depth - 1, 0)
            is_empty = previous in _OPENING and previous
            parts.append(token if is_empty else _line(depth) + token)
        else:
            if previous and (previous in _OPENING or previous == ","):
                parts.append(_line(depth))
            elif previous == ":":
                parts.append(" ")
            parts.append(token)
            if token in _OPENING:
                depth += 1
        if depth > MAX_DEPTH:
            return text
        previous = token
    return "".join(parts)


def _line(depth: int) -> str:
    return "\n" + "  " * depth
