"""What to write instead of a Python annotation, such as `list[str]` or `int | None`."""

from __future__ import annotations

import re

_LIST = re.compile(
    r"(?:typing\.)?(?:list|sequence|set|tuple)\[(\w+)(?:, ?\.\.\.)?\]", re.IGNORECASE
)
_MAPPING = re.compile(r"(?:typing\.)?(?:dict|mapping)\[.*\]", re.IGNORECASE)
_OPTIONAL = re.compile(
    r"(?:typing\.)?optional\[(?P<first>\w+)\]|(?P<second>\w+) ?\| ?none|none ?\| ?(?P<third>\w+)",
    re.IGNORECASE,
)


def annotation_hint(typed: str, argument: str) -> str | None:
    """Return what to write for a type in Python's syntax; None for any other text.

    Args:
        typed: The type as it was typed.
        argument: The whole argument.
    """
    if match := _LIST.fullmatch(typed):
        return f"Did you mean {match[1]}[]?"
    if _MAPPING.fullmatch(typed):
        return "Did you mean jsonb?"
    if match := _OPTIONAL.fullmatch(typed):
        name = argument.partition(":")[0].strip()
        return f"Write `{name}:{match[match.lastgroup or 0]}?`."
    return None
