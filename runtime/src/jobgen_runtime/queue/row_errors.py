"""Which errors of a statement are about single rows, and how to find those rows by halving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from psycopg import Error
from psycopg.errors import LockNotAvailable

T = TypeVar("T")

SUPPRESSED = "the UPDATE had no effect: a trigger or a row security policy suppressed it"
"""The reason of a refusal that came without an error."""

_CONFLICTS = ("40", "57014")
"""SQLSTATEs of serialization failures, deadlocks and statement timeouts."""

_OUTAGES = ("08", "53", "57P", "58")
"""SQLSTATEs of connections, of resources such as a full disk, and of a server that stops."""


def halves(items: Sequence[T]) -> list[Sequence[T]]:
    """Return two or more items as two parts, the first part last: as a stack yields them."""
    middle = len(items) // 2
    return [items[middle:], items[:middle]]


def is_conflict(error: BaseException) -> bool:
    """Return whether the statement may succeed if it is repeated shortly."""
    return _has_state(error, _CONFLICTS)


def is_outage(error: BaseException) -> bool:
    """Return whether the server lacks something that has nothing to do with a row.

    A trigger's RAISE may use any SQLSTATE, and is about its row.
    """
    return _has_state(error, _OUTAGES) and not _is_raised(error)


def is_locked(error: BaseException) -> bool:
    """Return whether another session has locked a row or a table of the statement."""
    return isinstance(error, LockNotAvailable) and not _is_raised(error)


def _is_raised(error: BaseException) -> bool:
    """Return whether the RAISE of a function in PL/pgSQL made the error."""
    return isinstance(error, Error) and error.diag.source_function == "exec_stmt_raise"


def _has_state(error: BaseException, prefixes: tuple[str, ...]) -> bool:
    return isinstance(error, Error) and (error.sqlstate or "").startswith(prefixes)
