"""What is shown where Schema.sql cannot be read."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.errors import JobgenError

_SHOWN = 100
"""Characters of a long line that are shown around the fault."""


class SchemaError(JobgenError):
    """Schema.sql is wrong, or says what only a server can resolve.

    `path` is the file, `line` and `column` count from 1 (in characters), `reason` is the fault
    alone; the message holds them all, with the line's text and a caret under the place.
    """

    def __init__(
        self, path: PurePosixPath, text: str, offset: int, reason: str, *, hint: str | None = None
    ) -> None:
        if text.startswith("\ufeff"):
            text, offset = text[1:], max(0, offset - 1)
        self.path = path
        self.reason = reason
        self.line, self.column = line_and_column(text, offset)
        shown = _excerpt(line_text(text, self.line), self.column)
        super().__init__(f"{path}:{self.line}:{self.column}: {reason}\n{shown}", hint=hint)


def _excerpt(line: str, column: int) -> str:
    """The line, or what of it is near the column, and a caret under the column."""
    start = max(0, column - 1 - _SHOWN // 2) if len(line) > _SHOWN else 0
    shown = line[start : start + _SHOWN]
    margin = "".join(
        "\t" if character == "\t" else " " for character in shown[: column - 1 - start]
    )
    return f"  {shown}\n  {margin}^"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line and the column of a character, both counted from 1."""
    offset = min(offset, len(text))
    before = text.rfind("\n", 0, offset)
    return text.count("\n", 0, offset) + 1, offset - before


def line_text(text: str, line: int) -> str:
    """One line of the text, without its end."""
    return text.split("\n")[line - 1].rstrip("\r")
