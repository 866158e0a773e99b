"""Which rows row security hides from a role that processes or inspects jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row

from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.sql import read

_CHANGED_BY_WORKERS = (
    "status",
    "attempts_count",
    "last_error",
    "locked_at",
    "locked_by",
    "run_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class HiddenRows:
    """A right on a table that row security may limit to some of its rows."""

    table: str
    """The quoted name."""

    right: str
    admits_some: bool
    """Whether any policy lets the role use the right; if not, the role sees no row at all."""

    follows_state: bool
    """Whether a policy reads a column that workers change: rows may vanish while their job runs."""

    is_restricted: bool
    """Whether a restrictive policy excludes rows, so that a further policy would not admit all."""


async def fetch_hidden_rows(
    conn: AsyncConnection[Any] | None, rights: Mapping[str, Sequence[str]]
) -> list[HiddenRows]:
    """Return the rights whose use row security may limit.

    Args:
        conn: The connection of the role; None for one of the pool's.
        rights: The rights to examine by the quoted name of the table. Tables that do not exist are
            left out.
    """
    return await fetch_rows(conn, [_statement(rights)], class_row(HiddenRows))


def fetch_hidden_rows_sync(
    conn: Connection[Any] | None, rights: Mapping[str, Sequence[str]]
) -> list[HiddenRows]:
    """Return the limited rights; the synchronous version of `fetch_hidden_rows`."""
    return fetch_rows_sync(conn, [_statement(rights)], class_row(HiddenRows))


def _statement(rights: Mapping[str, Sequence[str]]) -> Statement:
    pairs = [(table, right) for table, needed in rights.items() for right in needed]
    return Statement(
        read("hidden_rows").encode(),
        {
            "names": [table for table, _ in pairs],
            "rights": [right for _, right in pairs],
            "changed": list(_CHANGED_BY_WORKERS),
        },
        own_types=True,
    )
