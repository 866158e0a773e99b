"""Blanks the parts of Schema.sql that only psql understands, and keeps every position."""

from __future__ import annotations

import re

QUOTING_TOKENS = r"""
      (?P<line_comment>--[^\n\r]*)
    | (?P<block_comment>/\*)
    | (?P<escape_string>(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'?)
    | (?P<string>'[^']*'?)
    | (?P<identifier>"[^"]*"?)
    | (?P<dollar>(?<![\w$])\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)
"""
"""The tokens, for re.VERBOSE and re.DOTALL, in which other characters lose their meaning."""

_TOKEN = re.compile(rf"{QUOTING_TOKENS} | (?P<end>;) | (?P<meta>\\[^\n]*)", re.VERBOSE | re.DOTALL)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# Possessive quantifiers: a line of dashes can be split into comments in exponentially many ways.
_BLANK = re.compile(r"(?:\s++|--[^\n\r]*+|(?>/\*.*?\*/))*+", re.DOTALL)
_COPY_DATA = re.compile(_BLANK.pattern + r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
# \g and its variants end the statement before them, as a semicolon does. \; is a semicolon.
_SENDS = re.compile(r"\\(?:g(?:x|set|exec|desc)?\b|crosstabview\b|watch\b|;)")
_VISIBLE = re.compile(r"[^\n\r]")


def plain_sql(text: str) -> str:
    """Return `text` as a server understands it: without psql's meta-commands and COPY rows.

    The removed parts and a byte order mark become spaces, so that every position stays the same.
    """
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    if "\\" not in text and "copy" not in text.lower():
        return text
    blanks = _psql_parts(text)
    if not blanks:
        return text
    pieces: list[str] = []
    kept = 0
    for start, end, replacement in blanks:
        pieces.append(text[kept:start])
        pieces.append(replacement + _VISIBLE.sub(" ", text[start + len(replacement) : end]))
        kept = end
    pieces.append(text[kept:])
    return "".join(pieces)


def _psql_parts(text: str) -> list[tuple[int, int, str]]:
    """Return the start and end of psql's parts, with what replaces their first characters."""
    parts: list[tuple[int, int, str]] = []
    position = statement = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        match token.lastgroup:
            case "block_comment":
                position = comment_end(text, position)
            case "dollar":
                closing = text.find(token[0], position)
                position = len(text) if closing < 0 else closing + len(token[0])
            case "meta" if token[0].startswith("\\;"):
                position = statement = token.start() + 2
                parts.append((token.start(), position, ";"))
            case "meta":
                sends = ";" if _SENDS.match(token[0]) else ""
                parts.append((token.start(), position, sends))
                if sends or _BLANK.fullmatch(text, statement, token.start()):
                    statement = position
            case "end":
                if _COPY_DATA.match(text, statement, position):
                    # The statement is removed with its rows: it declares nothing, and a server
                    # expects the rows through the client protocol.
                    position = _rows_end(text, position)
                    parts = [part for part in parts if part[0] < statement]
                    parts.append((statement, position, ""))
                statement = position
            case _:
                pass
    return parts


def comment_end(text: str, position: int) -> int:
    """Return the end of the block comment that is open at `position`; block comments nest."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, position)
        if edge is None:
            return len(text)
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return position


def _rows_end(text: str, position: int) -> int:
    r"""Return the end of the rows of the COPY that ends at `position`: after the line `\.`."""
    end = _COPY_END.search(text, position)
    return len(text) if end is None else end.end()
