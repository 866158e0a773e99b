"""An exception as the text that a row keeps."""

from __future__ import annotations

import traceback
from types import TracebackType

MAX_CHARACTERS = 16_000
"""Of `last_error`: enough for any traceback worth reading, and small enough for a list of rows."""

MAX_LINE = 2_000
"""Of one line in it: a message of megabytes must not push out the traceback."""

_OWN_FOLDER = __file__.rsplit("executor", 1)[0]


def describe(error: BaseException) -> str:
    """The traceback and the exception, cut to MAX_CHARACTERS: the innermost part stays.

    Holds nothing that a Postgres text cannot.
    """
    try:
        lines = traceback.format_exception(type(error), error, _users_part(error.__traceback__))
    except BaseException:  # noqa: BLE001 -- an exception that breaks when printed is still an error
        lines = [type(error).__name__]
    return shortened("".join(lines))


def shortened(text: str) -> str:
    """The text cut to MAX_CHARACTERS, without what a Postgres text cannot hold."""
    lines = "".join(_cut_line(line) for line in text.splitlines(keepends=True))
    return _storable(_cut_head(lines.rstrip("\n")))


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame on that is not this package's."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
        first = first.tb_next
    return first or trace


def _cut_line(line: str) -> str:
    if len(line) <= MAX_LINE:
        return line
    return f"{line[:MAX_LINE]} … ({len(line) - MAX_LINE} characters cut)\n"


def _cut_head(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    note = "… (the outer part is cut)\n"
    return note + text[len(note) - MAX_CHARACTERS :]


def _storable(text: str) -> str:
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
