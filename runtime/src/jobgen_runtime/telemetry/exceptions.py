"""Record an exception in a span, without the values of rows that databases put into messages."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping

from jobgen_runtime.executor.error_text import format_error, job_frames, shorten

_VALUES = re.compile(
    r"\n[ |]*(?:DETAIL|CONTEXT|HINT|WHERE|QUERY|LINE \d+):|\n[ |]*\[(?:SQL|parameters):"
)
"""Where PostgreSQL's details of an error begin, or those that SQLAlchemy adds: they have values of
rows, such as `Key (email)=(ada@example.org) already exists.`"""

_MOST_ERRORS = 50
"""Exceptions of one chain that are looked at."""


def error_type(error: BaseException) -> str:
    """Return the class of an exception, with its module unless that is `builtins`."""
    cls = type(error)
    module = cls.__module__
    return cls.__qualname__ if module == "builtins" else f"{module}.{cls.__qualname__}"


def exception_attributes(error: BaseException, *, messages: bool) -> Mapping[str, str]:
    """Return the attributes of the event `exception`.

    Args:
        error: The exception.
        messages: Whether to record messages; without them, only the class and the frames.
    """
    attributes = {"exception.type": error_type(error)}
    if messages:
        attributes["exception.message"] = exception_message(error)
    attributes["exception.stacktrace"] = _stacktrace(error, messages=messages)
    return attributes


def exception_message(error: BaseException) -> str:
    """Return the message of an exception, up to where it has values of rows."""
    return shorten(_without_values(_text(error)))


def _stacktrace(error: BaseException, *, messages: bool) -> str:
    text = format_error(error)
    if messages:
        for each in _chain(error):
            message = _text(each)
            if message != (safe := _without_values(message)):
                text = text.replace(message, safe)
        if not _VALUES.search(text):
            return text
    return _frames(error)


def _frames(error: BaseException) -> str:
    """Return the tracebacks of an exception and of its causes, with their classes alone."""
    parts = []
    for each in _chain(error):
        frames = "".join(traceback.format_tb(job_frames(each.__traceback__)))
        parts.append(f"Traceback (most recent call last):\n{frames}{error_type(each)}")
    return shorten("\n\n".join(reversed(parts)))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, its causes, and those of a group."""
    pending, seen = [error], 0
    while pending and seen < _MOST_ERRORS:
        each = pending.pop()
        seen += 1
        yield each
        pending += [more for more in (each.__cause__, each.__context__) if more is not None]
        if isinstance(each, BaseExceptionGroup):
            pending += each.exceptions


def _without_values(message: str) -> str:
    return _VALUES.split(message, maxsplit=1)[0]


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 -- an exception of the application may raise anything
        return ""
