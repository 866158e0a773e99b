"""The text of an exception in `last_error`."""

from __future__ import annotations

import traceback
from types import TracebackType

MAX_CHARACTERS = 16_000
"""Characters of `last_error`: enough for a traceback, and few enough for a page that lists rows."""

MAX_LINE_CHARACTERS = 2_000
"""Characters of one line in it, so that a message of megabytes does not push the traceback out."""

_PACKAGE_FOLDER = __file__.rsplit("executor", 1)[0]


def format_error(error: BaseException) -> str:
    """Return the traceback and the message, cut to MAX_CHARACTERS from the outermost frame on.

    The frames of this package are left out. The result is valid as a PostgreSQL text.
    """
    try:
        lines = traceback.format_exception(type(error), error, _job_frames(error.__traceback__))
    except BaseException:  # noqa: BLE001 -- an exception that cannot be printed is an error too
        lines = [type(error).__name__]
    return shorten("".join(lines))


def shorten(text: str) -> str:
    """Return the end of the text, cut to MAX_CHARACTERS and valid as a PostgreSQL text."""
    lines = "".join(_cut_line(line) for line in text.splitlines(keepends=True))
    return _escape_unstorable(_cut_head(lines.rstrip("\n")))


def _job_frames(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback from the first frame outside of this package on."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_PACKAGE_FOLDER):
        first = first.tb_next
    return first or trace


def _cut_line(line: str) -> str:
    if len(line) <= MAX_LINE_CHARACTERS:
        return line
    cut = len(line) - MAX_LINE_CHARACTERS
    return f"{line[:MAX_LINE_CHARACTERS]} … ({cut} characters cut)\n"


def _cut_head(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    note = "… (outer frames cut)\n"
    return note + text[len(note) - MAX_CHARACTERS :]


def _escape_unstorable(text: str) -> str:
    """Escape NUL and lone surrogates, which PostgreSQL does not store."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
