"""The columns of a list: those that a visitor has chosen, which a cookie keeps, or the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from jobgen_runtime.dashboard.database.discovery import JobTable

COLUMNS_COOKIE = "jobgen_columns"
COLUMN_PREFIX = "column_"
"""Begins the parameter that chooses a column."""

MAX_TABLES = 10
MAX_CHARACTERS = 3_000
"""What the cookie has of the tables that were chosen for last. Browsers keep 4,096 characters."""

OWN_COLUMNS = 3
"""The user's columns that a list has by default: the first of the table."""

RUNTIME_COLUMNS: Mapping[str, str] = {
    "attempts_count": "Attempts",
    "created_at": "Created",
    "updated_at": "Timing",
    "run_at": "Due",
    "locked_at": "Started",
    "locked_by": "Worker",
    "last_error": "Last error",
}
"""The columns of every job table that a list can have, and how their values are headed."""
DEFAULT_COLUMNS = ("attempts_count", "created_at", "updated_at", "last_error")


@dataclass(frozen=True)
class ListColumns:
    """The columns that a list has besides the status and the id."""

    names: frozenset[str]
    is_default: bool

    def __contains__(self, name: str) -> bool:
        return name in self.names


def default_columns(table: JobTable) -> ListColumns:
    """Return the columns of a list for which nothing was chosen."""
    own = [column.name for column in table.own_columns[:OWN_COLUMNS]]
    return ListColumns(frozenset([*own, *DEFAULT_COLUMNS]), is_default=True)


def choosable_columns(table: JobTable) -> dict[str, str]:
    """Return the columns that a list can have: their names and what pages call them."""
    return {column.name: column.label for column in table.own_columns} | dict(RUNTIME_COLUMNS)


def read_columns(cookie: str, table: JobTable) -> ListColumns:
    """Return the columns of a table's list. Names of columns that are gone are left out."""
    chosen = _entries(cookie).get(_key(table))
    if chosen is None:
        return default_columns(table)
    names = {unquote(name) for name in chosen.split(":")}
    return ListColumns(frozenset(names & choosable_columns(table).keys()), is_default=False)


def changed_columns(cookie: str, table: JobTable, parameters: Mapping[str, str]) -> str:
    """Return the cookie with the columns of a table that the parameters choose."""
    names = [name for name in choosable_columns(table) if COLUMN_PREFIX + name in parameters]
    return _joined({_key(table): ":".join(quote(name, safe="") for name in names)}, cookie, table)


def forgotten_columns(cookie: str, table: JobTable) -> str:
    """Return the cookie without a choice for a table."""
    return _joined({}, cookie, table)


def _key(table: JobTable) -> str:
    return quote(table.key, safe="")


def _joined(first: dict[str, str], cookie: str, table: JobTable) -> str:
    others = {key: names for key, names in _entries(cookie).items() if key != _key(table)}
    entries = [f"{key}:{names}" for key, names in (first | others).items()][:MAX_TABLES]
    while len("|".join(entries)) > MAX_CHARACTERS:
        entries.pop()
    return "|".join(entries)


def _entries(cookie: str) -> dict[str, str]:
    """Return the columns of each table, still quoted, in the order of the cookie."""
    entries = {}
    for entry in cookie[: 2 * MAX_CHARACTERS].split("|"):
        key, separator, names = entry.partition(":")
        if separator:
            entries[key] = names
    return entries
