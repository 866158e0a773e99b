"""Takes the statements apart with which pg_dump creates a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\s"(),;.]+)'
_STRING = r"(?:(?<![\w$])E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')"
_TOKEN = re.compile(rf"""{_STRING}|"(?:[^"]|"")*"|(?P<mark>[(),;])""", re.DOTALL)
_HEAD = re.compile(
    rf"CREATE (?:\w+ )*?TABLE (?P<name>(?:(?P<schema>{_IDENTIFIER})\.)?(?P<own_name>{_IDENTIFIER}))"
)
_NAME = re.compile(rf"(CONSTRAINT )?({_IDENTIFIER})\s*")
_AFTER_TYPE = r" (?:COLLATE|DEFAULT|GENERATED|CONSTRAINT|NOT NULL|OPTIONS|WITH OPTIONS)\b"
_TYPE_END = re.compile(rf"""(?:"(?:[^"]|"")*"|{_STRING}|(?!{_AFTER_TYPE}).)*""", re.DOTALL)
_NOT_NULL = re.compile(
    rf"(?:CONSTRAINT (?P<name>{_IDENTIFIER}) )?NOT NULL (?P<column>{_IDENTIFIER})(?: NO INHERIT)?"
)
_NOT_NULL_NAME = re.compile(rf"CONSTRAINT {_IDENTIFIER} (?=NOT NULL\b)")


@dataclass(frozen=True, slots=True)
class Element:
    """A column or a constraint between the parentheses of CREATE TABLE.

    Attributes:
        name: Its name as pg_dump writes it, with quotes where it needs them.
        text: Its whole definition, with its name.
        is_column: False for a constraint.
        requires: The column that it makes NOT NULL, "" for none.
    """

    name: str
    text: str
    is_column: bool
    requires: str = ""

    @property
    def type_text(self) -> str:
        """The type of a column, with its modifiers and without its constraints."""
        found = _TYPE_END.match(self.text.removeprefix(self.name))
        return found[0].strip() if found else ""


@dataclass(frozen=True, slots=True)
class TableText:
    """The parts of a table's statements.

    Attributes:
        name: The table's name, qualified and quoted where it needs it.
        schema: The part of the name before the dot, "" for none.
        own_name: The part of the name after it.
        head: What precedes the parentheses of CREATE TABLE.
        elements: The columns and constraints in their order.
        tail: What follows the parentheses, such as "PARTITION BY RANGE (at)".
        later: The statements after CREATE TABLE, each with its semicolon, which set properties that
            it has no syntax for.
    """

    name: str
    schema: str
    own_name: str
    head: str
    elements: tuple[Element, ...]
    tail: str
    later: tuple[str, ...]

    @property
    def columns(self) -> tuple[Element, ...]:
        """The columns in their order."""
        return tuple(each for each in self.elements if each.is_column)


def read_table(text: str) -> TableText | None:
    """Return the parts of a table's statements; None where they have another form."""
    named = _HEAD.match(text)
    if named is None:
        return None
    marks, end = _top_level_marks(text)
    pieces = (text[start + 1 : stop].strip() for start, stop in pairwise(marks))
    elements = tuple(element for piece in pieces if (element := _element(piece)) is not None)
    head, tail = (text[: marks[0]], text[marks[-1] + 1 : end]) if marks else (text[:end], "")
    later = tuple(statement.strip() for statement in _statements(text[end + 1 :]))
    names = named["name"], named["schema"] or "", named["own_name"]
    return TableText(*names, head.strip(), elements, tail.strip(), later)


def table_statements(table: TableText) -> str:
    """Return the statements that create a table with these parts."""
    elements = ",\n    ".join(each.text for each in table.elements)
    create = f"{table.head} (\n    {elements}\n)\n{table.tail}".strip()
    return "\n\n".join((f"{create};", *table.later))


def unquoted(name: str) -> str:
    """Return a name as it is without quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def without_not_null_names(text: str) -> str:
    """Return the text without the names of NOT NULL constraints.

    Servers before PostgreSQL 18 do not have these names.
    """
    return _NOT_NULL_NAME.sub("", text)


def _top_level_marks(text: str) -> tuple[list[int], int]:
    """Return where the columns begin, are separated and end, and where the first statement ends.

    A statement without parentheses, such as "CREATE TABLE … OF type", has no marks.
    """
    marks: list[int] = []
    depth = 0
    is_closed = False
    for token in _TOKEN.finditer(text):
        mark, position = token["mark"], token.start()
        if mark == ";" and depth == 0:
            return marks, position
        if mark is None or is_closed:
            continue
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0 or (depth == 1 and (mark == "," or not marks)):
            marks.append(position)
        is_closed = depth == 0 and mark == ")"
    return marks, len(text)


def _statements(text: str) -> Iterator[str]:
    """Yield the statements of a text, each with its semicolon."""
    start = 0
    for token in _TOKEN.finditer(text):
        if token["mark"] == ";":
            yield text[start : token.end()]
            start = token.end()


def _element(text: str) -> Element | None:
    if required := _NOT_NULL.fullmatch(text):
        column = required["column"]
        return Element(required["name"] or f"NOT NULL {column}", text, False, column)
    named = _NAME.match(text)
    if named is None:
        return None
    is_column = named[1] is None
    requires = named[2] if is_column and text.endswith(" NOT NULL") else ""
    return Element(named[2], text, is_column, requires)
