"""The error for a Schema.sql that cannot be read."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.errors import JobgenError

_EXCERPT_WIDTH = 100
"""The number of characters that are shown of a long line."""


class SchemaError(JobgenError):
    """Schema.sql is not valid, or only a server can resolve it.

    The message has the path, the position, the reason, and the line's text with a caret under the
    column.

    Attributes:
        path: The file.
        reason: The fault alone.
        offset: Its position in characters.
        line: The line, counted from 1.
        column: The column in characters, counted from 1.
        cause: The server's error; None where no server has read the text.
    """

    cause: Exception | None = None

    def __init__(
        self, path: PurePosixPath, text: str, offset: int, reason: str, *, hint: str | None = None
    ) -> None:
        """Locate the fault at `offset` (in characters) of `text`."""
        if text.startswith("\ufeff"):
            text, offset = text[1:], max(0, offset - 1)
        self.path = path
        self.reason = reason
        self.offset = offset
        self.line, self.column = line_and_column(text, offset)
        shown = _excerpt(line_text(text, self.line), self.column)
        super().__init__(f"{path}:{self.line}:{self.column}: {reason}\n{shown}", hint=hint)


def _excerpt(line: str, column: int) -> str:
    """Return the part of the line around the column, with a caret under the column."""
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
    shown = line[start : start + _EXCERPT_WIDTH]
    margin = "".join(
        "\t" if character == "\t" else " " for character in shown[: column - 1 - start]
    )
    return f"  {shown}\n  {margin}^"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of the character at `offset`, both counted from 1."""
    offset = min(offset, len(text))
    before = text.rfind("\n", 0, offset)
    return text.count("\n", 0, offset) + 1, offset - before


def line_text(text: str, line: int) -> str:
    """Return a line of the text, counted from 1, without its line ending."""
    return text.split("\n")[line - 1].rstrip("\r")
