"""The name of an application: a package at the top of the project."""

from __future__ import annotations

import keyword
import sys

from jobgen_runtime.project import snake_case

from jobgen.errors import UsageError


def parse_application_name(text: str) -> str:
    """`text` where it can name an application's package, as `Web` and `Admin` do.

    Raises UsageError for what is no identifier of ASCII, and for a name that Python or its
    standard library has already.
    """
    example = "A name is like Web or Admin."
    if not (text.isidentifier() and text.isascii()) or text.startswith("_"):
        raise UsageError(
            f"{text!r} cannot be an application's name: it must be one word of letters (A to Z),"
            " digits and underscores, a letter first.",
            hint=example,
        )
    for spelling in (text, snake_case(text)):
        if keyword.iskeyword(spelling):
            raise UsageError(
                f"{text!r} cannot be an application's name: {spelling} is a keyword of Python.",
                hint=example,
            )
    if text in sys.stdlib_module_names or text == "jobgen_runtime":
        raise UsageError(
            f"{text!r} cannot be an application's name: it would hide the module {text}.",
            hint=example,
        )
    return text
