"""The text of an exception in `last_error`."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from types import TracebackType

from jobgen_runtime.contract.error_summary import error_summary
from jobgen_runtime.contract.requests import Cancel, Snooze

MAX_CHARACTERS = 16_000
"""Characters of `last_error`: enough for a traceback, and few enough for a page that lists rows."""

MAX_LINE_CHARACTERS = 2_000
"""Characters of one line in it, so that a message of megabytes does not push the traceback out."""

_PACKAGE_FOLDER = __file__.rsplit("executor", 1)[0]
_HOOKS_FILE = f"{_PACKAGE_FOLDER}executor/hooks.py"
"""The code of this package between the frames of hooks and those of `perform`."""


def format_error(error: BaseException) -> str:
    """Return the traceback and the message, cut to MAX_CHARACTERS from the outermost frame on.

    The frames of this package are left out. Where the traceback of a group, or an unusual message,
    does not lead `error_summary` to the exception's message, that is added as a last paragraph. The
    result is valid as a PostgreSQL text.
    """
    try:
        trace = job_frames(error.__traceback__)
        lines = traceback.format_exception(type(error), error, trace)
    except BaseException:  # noqa: BLE001 -- an exception that cannot be printed is an error too
        lines = _plain_lines(error)
    text, reason = shorten("".join(lines)), shorten(_reason(error))
    return shorten(f"{text}\n\n{reason}") if reason and error_summary(text) != reason else text


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Return the error itself, or those of a group and of the groups in it."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from leaves(each)
    else:
        yield error


def shorten(text: str) -> str:
    """Return the end of the text, cut to MAX_CHARACTERS and valid as a PostgreSQL text."""
    text = text.rstrip("\n")
    # Of millions of lines, only these can be among the last MAX_CHARACTERS characters.
    last = text.rsplit("\n", MAX_CHARACTERS)[1:]
    if len(last) == MAX_CHARACTERS:
        text = "\n".join(["", *last])
    lines = "".join(_cut_line(line) for line in text.splitlines(keepends=True))
    return _escape_unstorable(_cut_head(lines.rstrip("\n")))


def job_frames(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback from the first frame outside of this package on."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_PACKAGE_FOLDER):
        first = first.tb_next
    return _without_calls_of_hooks(first) or trace


def _without_calls_of_hooks(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames of this package between hooks and `perform`."""
    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    shown: TracebackType | None = None
    for each in reversed(frames):
        if each.tb_frame.f_code.co_filename == _HOOKS_FILE:
            continue
        shown = (
            each
            if each.tb_next is shown
            else TracebackType(shown, each.tb_frame, each.tb_lasti, each.tb_lineno)
        )
    return shown


def _plain_lines(error: BaseException) -> list[str]:
    """Return the frames and the message, without what the exception's own attributes add."""
    try:
        frames = traceback.format_tb(job_frames(error.__traceback__))
    except BaseException:  # noqa: BLE001 -- as above
        frames = []
    return ["Traceback (most recent call last):\n", *frames, _name_and_message(error)]


def _name_and_message(error: BaseException) -> str:
    try:
        name = type(error).__name__
    except BaseException:  # noqa: BLE001 -- a metaclass may do anything
        name = "Exception"
    try:
        return f"{name}: {error}"
    except BaseException:  # noqa: BLE001 -- as above
        return name


def _reason(error: BaseException) -> str:
    """Return the exception with the first line of its message; for a group also a failure in it."""
    try:
        lines = "".join(traceback.format_exception_only(type(error), error)).split("\n")
        if isinstance(error, SyntaxError):
            lines = [line for line in lines if not line.startswith(" ")]
        reason = lines[0].strip()
        if reason.endswith(":") and " " not in reason:
            reason = " ".join([reason, *[line.strip() for line in lines[1:] if line.strip()][:1]])
        if isinstance(error, BaseExceptionGroup):
            return f"{reason}: {_reason(_first_failure(error))}"
    except BaseException:  # noqa: BLE001 -- as above
        return _name_and_message(error).split("\n")[0].strip()
    return reason


def _first_failure(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception of the group that is more than a request to snooze or cancel."""
    for each in group.exceptions:
        if not all(isinstance(leaf, Cancel | Snooze) for leaf in leaves(each)):
            return each
    return group.exceptions[0]


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
