"""Which errors of a statement are about single rows, and how to find those rows by halving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from psycopg import Error
from psycopg.errors import LockNotAvailable, SerializationFailure

T = TypeVar("T")

SUPPRESSED = "the UPDATE had no effect: a trigger or a row security policy suppressed it"
"""The reason of a refusal that came without an error."""

_CONFLICTS = ("40", "57014")
"""SQLSTATEs of serialization failures, deadlocks and statement timeouts."""

_OUTAGES = ("08", "53", "57P", "58")
"""SQLSTATEs of connections, of resources such as a full disk, and of a server that stops."""

_RAISING_FUNCTIONS = frozenset({"exec_stmt_raise", "PLy_output", "do_util_elog", "pltcl_elog"})
"""The server's functions behind RAISE in PL/pgSQL, and its equivalents in PL/Python, PL/Perl and
PL/Tcl."""


def halves(items: Sequence[T]) -> list[Sequence[T]]:
    """Return two or more items as two parts, the first part last: as a stack yields them."""
    middle = len(items) // 2
    return [items[middle:], items[:middle]]


def is_conflict(error: BaseException) -> bool:
    """Return whether the statement may succeed if it is repeated shortly."""
    return _has_state(error, _CONFLICTS) and not _is_raised(error)


def is_collision(error: BaseException) -> bool:
    """Return whether the statement read or wrote what another transaction has changed meanwhile."""
    return isinstance(error, SerializationFailure) and not _is_raised(error)


def is_outage(error: BaseException) -> bool:
    """Return whether the server is short of a resource, whatever the row."""
    return _has_state(error, _OUTAGES) and not _is_raised(error)


def is_locked(error: BaseException) -> bool:
    """Return whether another session has locked a row or a table of the statement."""
    return isinstance(error, LockNotAvailable) and not _is_raised(error)


def _is_raised(error: BaseException) -> bool:
    """Return whether a function raised the error itself, which may use any SQLSTATE.

    Such an error is about its row. An error that the server found inside of a function, such as a
    deadlock, comes from another place of the server, also if the function raises it once more.
    """
    return isinstance(error, Error) and error.diag.source_function in _RAISING_FUNCTIONS


def _has_state(error: BaseException, prefixes: tuple[str, ...]) -> bool:
    return isinstance(error, Error) and (error.sqlstate or "").startswith(prefixes)
