"""A psql script with the files that it includes, as a server understands it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement without its semicolon.

    Attributes:
        offset: Where it starts in the script's SQL, in characters.
        text: The statement.
        words: Its first words in lower case, without those in parentheses or quotes.
        rows: The rows of a COPY … FROM stdin, as they are in the file; None for others.
    """

    offset: int
    text: str
    words: str
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A script whose meta-commands and COPY rows are spaces, and whose files are included.

    In a script that includes no file, each character has the position that it has in the file.

    Attributes:
        sql: The SQL of all files, in the order in which psql would read it.
        parts: Where the SQL comes from, in order.
        rows: The rows of each COPY … FROM stdin, by the position of its semicolon.
        database: The database that the script connects to; None if it does not.
    """

    sql: str
    parts: tuple[Part, ...]
    rows: Mapping[int, str] = field(default_factory=dict)
    database: str | None = None

    @property
    def main(self) -> SourceFile:
        """The file that was read first."""
        return self.parts[0].source

    def statements(self) -> Iterator[Statement]:
        """Yield the statements as psql would send them."""
        return split_statements(self.sql, self.rows)

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
    sql: str, rows: Mapping[int, str] = MappingProxyType({})
) -> Iterator[Statement]:
    """Yield the statements of SQL without meta-commands; `rows` are those of its COPYs."""
    scanner = Scanner(sql)
    while stop := scanner.next_stop():
        if stop.kind != "end":
            continue
        if scanner.start is not None:
            text = sql[scanner.start : stop.start].rstrip()
            words = " ".join(scanner.words)
            yield Statement(scanner.start, text, words, rows.get(stop.start))
        scanner.finish_statement(stop.start)
