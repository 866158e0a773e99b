"""Print lines, with colours on a terminal only."""

from __future__ import annotations

import os
import sys
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """Return the text in a style if `stream` (None: standard output) is a terminal."""
    stream = stream or sys.stdout
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def line(text: str = "") -> None:
    """Print a line on standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Print a line on standard error, for progress and other remarks."""
    sys.stderr.write(text + "\n")


def error(message: str, hint: str | None = None) -> None:
    """Print an error on standard error, and what to do about it."""
    note(f"{styled('error:', 'red', sys.stderr)} {message}")
    if hint:
        note(f"{styled('hint:', 'cyan', sys.stderr)} {hint}")


def warning(message: str) -> None:
    """Print a warning on standard error."""
    note(f"{styled('warning:', 'yellow', sys.stderr)} {message}")
