"""Write a statement with its parameters as text, and read its rows from text.

Drivers differ in placeholders and in what they make of a value. psycopg decides both: its dumpers
write the parameters as literals, with a cast to the type that psycopg would have sent, and its
loaders read the texts of the columns by their types. So a record has the same values whichever
driver has run the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any, TypeVar

import psycopg
from psycopg import Error, adapt
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format
from psycopg.rows import BaseRowFactory

from jobgen_runtime.contract.errors import QueryMismatch
from jobgen_runtime.database.callers.literals import as_text
from jobgen_runtime.database.infinity import (
    LoadingContext,
    register_infinity,
    register_zone,
)
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.statement import Statement

T = TypeVar("T")

_HEAD = "WITH jobgen_rows"


def returning_text(statement: Statement) -> str:
    """Return the statement such that it returns its columns as text, and last their types.

    `concat` writes a value as PostgreSQL's output function does, unlike a cast. COALESCE with NULL
    turns a domain into its base type, which is what PostgreSQL reports to drivers.
    """
    columns = statement.columns or ()
    if statement.is_users_query:
        head, names = _HEAD, [_quoted(column) for column in columns]
    else:
        # By position: PostgreSQL would cut off a name that is too long, or find it twice.
        names = [f"c{number}" for number in range(len(columns))]
        head = f"WITH jobgen_rows ({', '.join(names)})"
    texts = [
        f"CASE WHEN pg_catalog.num_nulls(jobgen_rows.{name}) = 0"
        f" THEN pg_catalog.concat(jobgen_rows.{name}) END"
        for name in names
    ]
    oids = ", ".join(
        f"pg_catalog.pg_typeof(COALESCE(jobgen_rows.{name}, NULL))::pg_catalog.oid"
        for name in names
    )
    texts.append(f"CAST(ARRAY[{oids}] AS pg_catalog.text)")
    selected = f"SELECT {', '.join(texts)} FROM jobgen_rows"  # noqa: S608 -- names are quoted
    return f"{head} AS (\n{_body(statement)}\n) {selected}"


def _body(statement: Statement) -> str:
    return as_text(statement).rstrip().removesuffix(";")


def load_rows(
    statement: Statement,
    found: Sequence[Sequence[Any]],
    rows: BaseRowFactory[T],
    zone: tzinfo,
) -> list[T]:
    """Return the rows of `returning_text` as psycopg would have loaded them.

    Args:
        statement: The statement.
        found: What it has returned.
        rows: The row factory.
        zone: The session's time zone.
    """
    if not found:
        return []
    columns = statement.columns or ()
    adapters = AdaptersMap(psycopg.adapters)
    register_infinity(adapters)
    register_zone(adapters, zone)
    transformer = adapt.Transformer(LoadingContext(adapters, None))
    oids = [int(oid) for oid in str(found[0][-1]).strip("{}").split(",")]
    transformer.set_loader_types(oids, Format.TEXT)
    make: Callable[[Sequence[Any]], T] = rows(_Result(columns))  # type: ignore[arg-type]
    return [
        make(
            transformer.load_sequence(
                [None if value is None else value.encode() for value in row[:-1]]
            )
        )
        for row in found
    ]


def is_about_columns(error: Error, statement: Statement) -> bool:
    """Return whether the error is about what `returning_text` has put around a user's query."""
    if not statement.is_users_query or statement.columns is None:
        return False
    position = error.diag.statement_position
    return position is not None and int(position) > len(_HEAD) + len(_body(statement))


def query_mismatch(error: Error, statement: Statement) -> QueryMismatch:
    """Return the error of a user's query whose result does not have each column once."""
    return QueryMismatch(
        f"The query's result is not a row of the record: {server_reason(error)}.",
        hint=f"Select each of these columns once: {', '.join(statement.columns or ())}.",
    )


class _Column:
    def __init__(self, name: str) -> None:
        self.name = name


class _Result:
    """The part of a cursor that row factories for records use."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.description = [_Column(name) for name in columns]


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
