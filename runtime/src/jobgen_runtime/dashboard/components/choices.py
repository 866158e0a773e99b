"""Offer rows of a referenced table to choose from, at a cost that does not grow with the table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.dashboard.components.references import (
    Reference,
    optional,
    read_names,
)
from jobgen_runtime.dashboard.components.select import Option
from jobgen_runtime.sql import read

FIND_PREFIX = "find."
"""The parameter of what to search for in the table that a column references: this and its name."""

FEW = 200
"""Rows of a table that are all offered at once. From a larger one, those that match are."""

FEW_IN_FILTER = 25
"""The same for a filter: a page has several of them, and a list."""

OFFERED = 20
"""Rows of a larger table that are offered at once."""

SUGGESTED = 5
"""Rows of a table that a search of jobs suggests."""

SEARCHED = 10_000
"""Rows of a table that are searched for a part of a name, the newest ones."""

MAX_SEARCH = 200
"""Characters of a text to search for."""

Row = tuple[str, str | None]
"""A row's key and its name."""


@dataclass(frozen=True)
class Choices:
    """The rows that are offered for a reference."""

    options: tuple[Option, ...]
    is_large: bool = False
    """Whether the table has others, to be found by searching."""
    search: str = ""
    """What was searched for."""
    note: str = ""
    """How the search went, or what it finds; empty where all rows are offered."""


async def offer(
    conn: AsyncConnection[Any],
    reference: Reference,
    *,
    chosen: str = "",
    search: str = "",
    few: int = FEW,
    suggest: bool = True,
) -> Choices | None:
    """Return the rows to choose from, with the one that is chosen among them.

    Args:
        conn: A connection in a transaction.
        reference: The reference.
        chosen: The key of the row that is chosen, whether it exists or not; empty for none.
        search: What to search for in a large table: a key, or the start or a part of a name.
        few: Rows of a table that are all offered at once.
        suggest: Whether to offer the newest rows of a larger table before something is sought.

    Returns:
        None if the rows cannot be read, or if there are many and they have no name.
    """
    if reference.estimated_rows <= 10 * few:
        rows = await _read(conn, reference, "first_choices", limit=few + 1)
        if rows is None:
            return None
        if len(rows) <= few:
            rows.sort(key=lambda row: ((row[1] or "").casefold(), row[0]))
            return Choices(_options(rows, chosen, chosen))
    if reference.label is None:
        return None
    search = search.strip()[:MAX_SEARCH]
    found: list[Row] | None = []
    if search:
        found = await _search(conn, reference, search)
    elif suggest:
        found = await _read(conn, reference, "newest_choices", limit=OFFERED)
    if found is None:
        return None
    name = chosen
    if chosen and chosen not in dict(found):
        name = (await read_names(conn, reference, [chosen])).get(chosen, chosen)
    return Choices(_options(found, chosen, name), True, search, _note(reference, search, found))


async def offer_all(
    conn: AsyncConnection[Any],
    references: Mapping[str, Reference],
    parameters: Mapping[str, str],
    *,
    prefix: str = "",
    few: int = FEW,
    suggest: bool = True,
) -> dict[str, Choices]:
    """Return the rows to choose from, by column, with those that the parameters choose or seek.

    Args:
        conn: A connection in a transaction.
        references: The references, by column.
        parameters: The parameters of the request.
        prefix: What comes before a column's name in the parameter of its choice.
        few: Rows of a table that are all offered at once.
        suggest: Whether to offer the newest rows of a larger table before something is sought.
    """
    offered = {}
    for column, reference in references.items():
        choices = await offer(
            conn,
            reference,
            chosen=parameters.get(prefix + column, ""),
            search=parameters.get(FIND_PREFIX + column, ""),
            few=few,
            suggest=suggest,
        )
        if choices is not None:
            offered[column] = choices
    return offered


async def suggest(
    conn: AsyncConnection[Any],
    references: Mapping[str, Reference],
    offered: Mapping[str, Choices],
    text: str,
) -> list[tuple[str, Option]]:
    """Return rows that a search for jobs may mean, each with the column that references it."""
    found: list[tuple[str, Option]] = []
    if not text:
        return found
    for column, choices in offered.items():
        if choices.is_large:
            rows = await _search(conn, references[column], text)
            options = _options((rows or [])[:SUGGESTED], "", "")
        else:
            options = tuple(
                each for each in choices.options if text.casefold() in each.label.casefold()
            )
        found += [(column, option) for option in options[:SUGGESTED]]
    return found


async def key_of(conn: AsyncConnection[Any], reference: Reference, text: str) -> str | None:
    """Return the key of the row that has exactly this key, as the database writes it, if any."""
    # The text may not be a value of the key's type at all.
    rows = await _read(conn, reference, "choice_by_key", text=text.strip()[:MAX_SEARCH])
    return rows[0][0] if rows else None


async def _search(conn: AsyncConnection[Any], reference: Reference, text: str) -> list[Row] | None:
    """Return the row with a key, else those whose names begin with a text, else have it in them."""
    found = await _by_index(conn, reference, text)
    if found:
        return found
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
    return await _read(
        conn, reference, "choices_by_part", pattern=pattern, scanned=SEARCHED, limit=OFFERED
    )


async def _by_index(conn: AsyncConnection[Any], reference: Reference, text: str) -> list[Row]:
    """Return the row with a key, else those whose names begin with a text if an index has them."""
    row = await _read(conn, reference, "choice_by_key", text=text)
    if row or not reference.is_label_indexed:
        return row or []
    starts = {"text": text, "lower": text.lower(), "title": text.title()}
    rows = await _read(conn, reference, "choices_by_start", limit=OFFERED, **starts)
    found = [each for each in rows or () if _begins_with(each, text)]
    found.sort(key=lambda each: ((each[1] or "").casefold(), each[0]))
    return found[:OFFERED]


def _begins_with(row: Row, text: str) -> bool:
    return (row[1] or "").casefold().startswith(text.casefold())


async def _read(
    conn: AsyncConnection[Any], reference: Reference, name: str, **parameters: object
) -> list[Row] | None:
    """Return the rows of a statement, planned by index; None if they cannot be read."""
    async with optional(conn) as cursor:
        await cursor.execute(read("plan_by_index").encode())
        await cursor.execute(reference.query(name), parameters)
        return await cursor.fetchall()
    return None


def _options(rows: Sequence[Row], chosen: str, chosen_name: str) -> tuple[Option, ...]:
    """Return rows as options, by name, with the end of the key where two names are alike."""
    named = [(key, name or key) for key, name in rows]
    if chosen and chosen not in dict(named):
        named.insert(0, (chosen, chosen_name))
    count = Counter(name for _, name in named)
    return tuple(
        Option(key, name if count[name] == 1 else f"{name} (…{key[-6:]})") for key, name in named
    )


def _note(reference: Reference, search: str, found: Sequence[Row]) -> str:
    """Return how the search went, or what can be searched for."""
    if not search:
        return "Find others by name or id." if found else "Find one by name or id."
    if len(found) == OFFERED:
        return f"{OFFERED} found, perhaps more."
    note = f"{len(found)} found." if found else "Nothing found."
    if found or reference.estimated_rows <= SEARCHED:
        return note
    part = "Other parts" if reference.is_label_indexed else "Parts"
    return f"{note} {part} of names are searched for in the newest {SEARCHED:,} rows."
