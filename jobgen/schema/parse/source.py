"""The text of Schema.sql: psql's own parts blanked out, positions kept."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<line_comment>--[^\n\r]*)
    | (?P<block_comment>/\*)
    | (?P<escape_string>(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'?)
    | (?P<string>'[^']*'?)
    | (?P<identifier>"[^"]*"?)
    | (?P<dollar>(?<![\w$])\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)
    | (?P<end>;)
    | (?P<meta>\\[^\n]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# Possessive: a line of dashes can be read as comments in more ways than there is time for.
_NOTHING = re.compile(r"(?:\s++|--[^\n\r]*+|(?>/\*.*?\*/))*+", re.DOTALL)
_COPY_DATA = re.compile(_NOTHING.pattern + r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
# \g and its relatives send the statement before them, as a semicolon does; \; is one.
_SENDS = re.compile(r"\\(?:g(?:x|set|exec|desc)?\b|crosstabview\b|watch\b|;)")
_VISIBLE = re.compile(r"[^\n\r]")


def plain_sql(text: str) -> str:
    """`text` without psql's meta-commands and the rows of COPY … FROM stdin.

    What is taken out becomes spaces, so that every position and line stays the same; so does a
    byte order mark at the start. The result is what a server understands.
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
    """Where psql's parts begin and end, each with what takes the place of its first characters."""
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
                if sends or _NOTHING.fullmatch(text, statement, token.start()):
                    statement = position
            case "end":
                if _COPY_DATA.match(text, statement, position):
                    # The whole statement goes with its rows: a server wants a client's
                    # protocol for it, and no table is made by it.
                    position = _rows_end(text, position)
                    parts = [part for part in parts if part[0] < statement]
                    parts.append((statement, position, ""))
                statement = position
            case _:
                pass
    return parts


def comment_end(text: str, position: int) -> int:
    """Where the block comment that is open at `position` ends; they nest."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, position)
        if edge is None:
            return len(text)
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return position


def _rows_end(text: str, position: int) -> int:
    """Where the rows of the COPY that ends at `position` end: after the line `\\.`."""
    end = _COPY_END.search(text, position)
    return len(text) if end is None else end.end()
