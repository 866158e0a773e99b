"""Python text that ruff's formatter leaves unchanged at every line length."""

from __future__ import annotations

from collections.abc import Iterable

_WIDTH = 79
"""The shortest line length in use: a line that fits is one line at every other length too."""


def quoted(text: str) -> str:
    """Return a string literal, in double quotes unless single quotes save escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = "".join(c if c in "'\"" else repr(c)[1:-1] for c in text)
    return quote + body.replace(quote, "\\" + quote) + quote


_INDENT = " " * 8


def tuple_argument(name: str, items: Iterable[str], indent: str = _INDENT) -> list[str]:
    """Return the lines of `name=("a", "b"),` in a call, one item per line if it is long."""
    literals = [quoted(item) for item in items]
    inner = f"{literals[0]}," if len(literals) == 1 else ", ".join(literals)
    return _argument(name, "()", inner, literals, indent)


def mapping_argument(name: str, items: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines of `name={"a": B},` in a call; the values are Python text."""
    pairs = [f"{quoted(key)}: {value}" for key, value in items]
    return _argument(name, "{}", ", ".join(pairs), pairs)


def _argument(
    name: str, brackets: str, inner: str, items: list[str], indent: str = _INDENT
) -> list[str]:
    opening, closing = brackets[0], brackets[1]
    line = f"{indent}{name}={opening}{inner}{closing},"
    if len(line) <= _WIDTH:
        return [line]
    return [
        f"{indent}{name}={opening}",
        *(f"{indent}    {item}," for item in items),
        f"{indent}{closing},",
    ]


def annotated(indent: str, name: str, annotation: str) -> str:
    """Return the line `name: annotation`; if it is long, the formatter must not wrap it."""
    line = f"{indent}{name}: {annotation}"
    return line if len(line) <= _WIDTH else f"{line}  # fmt: skip"
