"""`Problem`: something that is missing in a database."""

from __future__ import annotations

from dataclasses import dataclass

SEARCH_PATH_HINT = (
    "the runtime's objects are found by the search_path (ALTER ROLE … SET search_path = …, or "
    "options=-csearch_path=… in the address)."
)
"""The end of a hint."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is missing in a database."""

    message: str
    """A sentence that says what is missing."""

    is_fatal: bool
    """Whether a worker cannot run with this problem."""

    hint: str
    """A sentence that says what to do."""

    statements: tuple[str, ...] = ()
    """The SQL that fixes the problem; empty if SQL cannot."""
