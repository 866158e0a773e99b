"""Examines a file that this Python cannot parse, as text."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from jobgen.registration.errors import CannotRegister
from jobgen.registration.names import ListEntry

_COMMENT = re.compile(r"#[^\n]*")
_IMPORT = r"^[ \t]*from[ \t]+(?P<module>[\w.]+)[ \t]+import\b(?P<names>[ \t]*\([^)]*\)|[^\n;]*)"


@dataclass(frozen=True, slots=True)
class NewSyntax:
    """Syntax that came with a Python version, and its line in a file, from 1."""

    version: tuple[int, int]
    line: int


def names_entry(source: bytes, entry: ListEntry) -> bool:
    """Return whether the text imports the entry and uses what it is imported as."""
    text = _COMMENT.sub("", source.decode(errors="replace"))
    for match in re.finditer(_IMPORT, text, re.MULTILINE):
        if not _is_module(match["module"], entry):
            continue
        for name in match["names"].strip(" \t()").split(","):
            words = name.split()
            if words[:1] == [entry.name]:
                rest = text[: match.start()] + text[match.end() :]
                return re.search(rf"\b{words[-1]}\b", rest) is not None
    return False


def has_word(source: bytes, word: str) -> bool:
    """Return whether the text has an identifier outside of comments."""
    text = _COMMENT.sub("", source.decode(errors="replace"))
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def cannot_parse(source: bytes, error: SyntaxError | ValueError, paste: str) -> CannotRegister:
    """Return the error for a file that `ast` cannot parse.

    Args:
        source: The file.
        error: The error of `ast`.
        paste: The text for the user to add; "" if something has to be removed.
    """
    found = _newest_syntax(source)
    if found is not None:
        version = ".".join(map(str, found.version))
        here = ".".join(map(str, sys.version_info[:2]))
        return CannotRegister(
            f"it has syntax of Python {version}, and jobgen runs on Python {here}",
            paste,
            found.line,
            f"Install jobgen with Python {version} or newer.",
        )
    line = error.lineno if isinstance(error, SyntaxError) else None
    reason = f"line {line}: {error.msg}" if isinstance(error, SyntaxError) and line else f"{error}"
    return CannotRegister(f"it is not valid Python ({reason})", paste, line, "Correct the file.")


def _is_module(module: str, entry: ListEntry) -> bool:
    if module.startswith("."):
        return f".{entry.module}".endswith(f".{module.lstrip('.')}")
    return module == entry.module


def _newest_syntax(source: bytes) -> NewSyntax | None:
    """Return the newest syntax in a file that is valid in a Python newer than this one.

    Returns:
        None if the file has none, or is not valid in any version that LibCST knows.
    """
    # LibCST has its own parser, which knows newer versions than the Python that runs it.
    from jobgen.registration.new_syntax import newest_syntax

    found = newest_syntax(source)
    if found is None or found[0] <= sys.version_info[:2]:
        return None
    return NewSyntax(*found)
