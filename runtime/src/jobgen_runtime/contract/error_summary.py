"""The one line of a `last_error` that says what went wrong."""

from __future__ import annotations

import re

_FRAME = re.compile(r'[ |]*  File "')
_TRACEBACK = re.compile(r"…|[ +|]*(Traceback|Exception Group Traceback) \(most recent call last\):")
_CHAIN = ("The above exception was the direct cause", "During handling of the above exception")
_CLASS = re.compile(r"((?:(?:\w+|<locals>)\.)+[^\W\d]\w*|[A-Z]\w*)(?:: |$)")
"""The exception's class at the start of a summary: with its module, or a name in upper case."""

_BOX = re.compile(r"^[ ]*[|+][-+ ]*")
"""The prefix of a line of an exception in a group."""


def error_summary(error: str) -> str:
    """Return the line of an error text to show where there is room for one line.

    In a traceback, that is the exception with the first line of its message, not the last of the
    lines that a database adds to it. In a text that the runtime wrote, it is the first line.
    """
    lines = error.strip("\n").split("\n")
    first = lines[0].strip()
    if _TRACEBACK.match(lines[0]) or _is_cause(lines):
        last_frame = max((n for n, line in enumerate(lines) if _FRAME.match(line)), default=0)
        return _reason_after(lines[last_frame + 1 :]) or first
    rest = "\n".join(lines[1:]).strip("\n")
    # Such as "The child process cannot run the job:" before a traceback.
    return f"{first} {error_summary(rest)}" if first.endswith(":") and rest else first


def split_summary(summary: str) -> tuple[str, str]:
    """Return the exception's class in an `error_summary`, with its module, and the message.

    Either is empty if the summary does not have it: a text that the runtime wrote has no class.
    """
    match = _CLASS.match(summary)
    return (match[1], summary[match.end() :].strip()) if match else ("", summary)


def _is_cause(lines: list[str]) -> bool:
    """Return whether the text begins with a cause that was never raised."""
    blank = next((index for index, line in enumerate(lines) if not _BOX.sub("", line)), len(lines))
    return any(_BOX.sub("", line).startswith(_CHAIN) for line in lines[blank + 1 : blank + 2])


def _reason_after(lines: list[str]) -> str:
    """Return the reason in the lines that follow the first line of the last frame."""
    if len(lines) > 1 and not lines[-2].strip():
        # format_error adds a last paragraph where the traceback does not say it well.
        return lines[-1].strip()
    for line in lines:
        text = _BOX.sub("", line)
        if text and not text.startswith(" "):
            return text.strip()
    return ""
