"""Splits an SQL script into statements, each with its position in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobgen.schema.parse.source import QUOTING_TOKENS, comment_end

_TOKEN = re.compile(
    rf"""
    {QUOTING_TOKENS}
    | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
    | (?P<mark>[;()])
    | (?P<other>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_ROUTINE = re.compile(r"create(?: or replace)? (?:function|procedure)\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement without its semicolon, which starts at character `offset` of the script."""

    offset: int
    text: str
    words: str
    """The first words in lower case, which identify it: `create table if not exists`."""


class _Scanner:
    """Track the parentheses and BEGIN ATOMIC … END bodies in which no statement ends."""

    def __init__(self) -> None:
        self.start: int | None = None
        self.words: list[str] = []
        self.parentheses = 0
        self.blocks = 0

    def word(self, text: str) -> None:
        lower = text.lower()
        if len(self.words) < 8:
            self.words.append(lower)
        if self.blocks or _ROUTINE.match(" ".join(self.words)):
            if lower == "begin" or (self.blocks and lower == "case"):
                self.blocks += 1
            elif lower == "end" and self.blocks:
                self.blocks -= 1

    def ends_at(self, mark: str) -> bool:
        if mark == "(":
            self.parentheses += 1
        elif mark == ")":
            self.parentheses = max(0, self.parentheses - 1)
        return mark == ";" and not self.parentheses and not self.blocks


def split_statements(text: str) -> Iterator[Statement]:
    """Yield the statements of `text` as psql would send them.

    `text` has no psql meta-commands any more: see `plain_sql`.
    """
    scanner = _Scanner()
    position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        kind = token.lastgroup
        if kind == "line_comment":
            continue
        if kind == "block_comment":
            position = comment_end(text, position)
            continue
        if kind == "mark" and scanner.ends_at(token[0]):
            if scanner.start is not None:
                yield _statement(text, scanner, token.start())
            scanner = _Scanner()
            continue
        if scanner.start is None:
            scanner.start = token.start()
        if kind == "word":
            scanner.word(token[0])
        elif kind == "dollar":
            closing = text.find(token[0], position)
            position = len(text) if closing < 0 else closing + len(token[0])
    if scanner.start is not None:
        yield _statement(text, scanner, len(text))


def _statement(text: str, scanner: _Scanner, end: int) -> Statement:
    start = scanner.start or 0
    return Statement(start, text[start:end].rstrip(), " ".join(scanner.words))
