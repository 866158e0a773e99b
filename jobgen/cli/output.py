"""What the command line prints: readable in a terminal, plain in a pipe."""

from __future__ import annotations

import os
import sys
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """`text` in the named style, where `stream` is a terminal and NO_COLOR is unset."""
    stream = stream or sys.stdout
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def line(text: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """One line on standard error: progress, and what is not the answer itself."""
    sys.stderr.write(text + "\n")


def error(message: str, hint: str | None = None) -> None:
    """An expected fault on standard error, and what to do about it."""
    note(f"{styled('error:', 'red', sys.stderr)} {message}")
    if hint:
        note(f"{styled('hint:', 'cyan', sys.stderr)} {hint}")


def warning(message: str) -> None:
    """Something that works, but that its user should know."""
    note(f"{styled('warning:', 'yellow', sys.stderr)} {message}")
