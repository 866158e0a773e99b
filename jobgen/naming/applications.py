"""The name of an application, which is also the name of its top-level package."""

from __future__ import annotations

import keyword

from jobgen_runtime.project import snake_case

from jobgen.errors import UsageError

_HINT = "Use a name like Web or Admin."


def parse_application_name(text: str) -> str:
    """Return `text` if it can name an application's package, as `Web` and `Admin` do.

    Whether that package would hide another one depends on the project's paths:
    `jobgen.project.module_clashes` finds out.

    Raises:
        UsageError: `text` is not an ASCII identifier, or a keyword of Python.
    """
    if not (text.isidentifier() and text.isascii()) or text.startswith("_"):
        raise UsageError(
            f"{text!r} is not a valid application name: use one word of letters (A to Z), digits"
            " and underscores that starts with a letter.",
            hint=_HINT,
        )
    for spelling in (text, snake_case(text)):
        if keyword.iskeyword(spelling):
            raise UsageError(
                f"{text!r} is not a valid application name: {spelling} is a Python keyword.",
                hint=_HINT,
            )
    return text
