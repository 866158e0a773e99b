"""A psql script with the files that it includes, as a server understands it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

from jobgen.schema.errors import SchemaError, line_and_column
from jobgen.schema.script.scanner import Scanner


class ScriptError(SchemaError):
    """A script does what only psql can do. No server can help."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the script.

    Attributes:
        path: Its path in the project, for messages.
        text: Its whole text.
    """

    path: PurePosixPath
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the script's SQL that comes from one file.

    Attributes:
        start: Where it starts in the SQL.
        source: The file.
        offset: Where it starts in the file.
    """

    start: int
    source: SourceFile
    offset: int


Values = Mapping[str, str | None]
r"""The values that a \gset stores, by the names of their variables; None for NULL."""


@dataclass(frozen=True, slots=True)
class ResultUse:
    r"""What psql does with the result of a statement.

    Attributes:
        command: `gset` stores its row in variables, `gexec` runs each of its values as SQL.
        prefix: What the names of the variables begin with.
    """

    command: Literal["gset", "gexec"]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    r"""A statement without its semicolon.

    Attributes:
        offset: Where it starts in the script's SQL, in characters.
        text: The statement.
        words: Its first words in lower case, without those in parentheses or quotes.
        rows: The rows of a COPY … FROM stdin, as they are in the file; None for others.
        result: What is done with its result; None for nothing.
        is_generated: Whether it is the value of a query that ends with \gexec, at whose position
            it is.
    """

    offset: int
    text: str
    words: str
    rows: str | None = None
    result: ResultUse | None = None
    is_generated: bool = False


@dataclass(frozen=True)
class Script:
    r"""A script whose meta-commands and COPY rows are spaces, and whose files are included.

    In a script that includes no file, each character has the position that it has in the file.

    Attributes:
        sql: The SQL of all files, in the order in which psql would read it.
        parts: Where the SQL comes from, in order.
        rows: The rows of each COPY … FROM stdin, by the position of its semicolon.
        database: The database that the script connects to; None if it does not.
        results: The use of each statement's result, by the position of its semicolon.
        resume: Returns the script with more of its statements, given the values that the last one,
            which ends with \gset, stores. None where the script is complete.
    """

    sql: str
    parts: tuple[Part, ...]
    rows: Mapping[int, str] = field(default_factory=dict)
    database: str | None = None
    results: Mapping[int, ResultUse] = field(default_factory=dict)
    resume: Callable[[Values], Script] | None = None

    @property
    def main(self) -> SourceFile:
        """The file that was read first."""
        return self.parts[0].source

    def statements(self) -> Iterator[Statement]:
        """Yield the statements as psql would send them."""
        return iter(self._statements)

    @cached_property
    def _statements(self) -> tuple[Statement, ...]:
        return tuple(split_statements(self.sql, self.rows, self.results))

    def locate(self, offset: int) -> tuple[SourceFile, int]:
        """Return the file and the position in it of the character at `offset` of the SQL."""
        part = self.parts[max(0, bisect_right(self.parts, offset, key=lambda p: p.start) - 1)]
        return part.source, part.offset + offset - part.start

    def line(self, offset: int) -> tuple[PurePosixPath, int]:
        """Return the file and the line in it, from 1, of the character at `offset`."""
        source, position = self.locate(offset)
        return source.path, line_and_column(source.text, position)[0]

    def line_in_main(self, offset: int) -> int:
        """Return the line in the main file; for an included file, that of its command."""
        index = max(0, bisect_right(self.parts, offset, key=lambda p: p.start) - 1)
        end = offset
        while self.parts[index].source is not self.main:
            end = self.parts[index].start - 1
            index -= 1
        part = self.parts[index]
        return line_and_column(self.main.text, part.offset + end - part.start)[0]

    def error(self, offset: int, reason: str, *, hint: str | None = None) -> SchemaError:
        """Return an error about the character at `offset` of the SQL."""
        source, position = self.locate(offset)
        return SchemaError(source.path, source.text, position, reason, hint=hint)


def split_statements(
    sql: str,
    rows: Mapping[int, str] = MappingProxyType({}),
    results: Mapping[int, ResultUse] = MappingProxyType({}),
) -> Iterator[Statement]:
    """Yield the statements of SQL without meta-commands.

    Args:
        sql: The SQL.
        rows: The rows of its COPYs, by the positions of their semicolons.
        results: The uses of its statements' results, by the positions of their semicolons.
    """
    scanner = Scanner(sql)
    while stop := scanner.next_stop():
        if stop.kind != "end":
            continue
        if scanner.start is not None:
            text = sql[scanner.start : stop.start].rstrip()
            words = " ".join(scanner.words)
            row, result = rows.get(stop.start), results.get(stop.start)
            yield Statement(scanner.start, text, words, row, result)
        scanner.finish_statement(stop.start)
