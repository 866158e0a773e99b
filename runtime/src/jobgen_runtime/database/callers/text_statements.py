"""Write a statement with its parameters as text, and read its rows from text.

Drivers differ in placeholders and in what they make of a value. psycopg decides both: its dumpers
write the parameters as literals, with a cast to the type that psycopg would have sent, and its
loaders read the texts of the columns by their types. So a record has the same values whichever
driver has run the statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, TypeVar

import psycopg
from psycopg import Error, ProgrammingError, abc, adapt, sql
from psycopg.adapt import AdaptersMap, PyFormat
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.rows import BaseRowFactory

from jobgen_runtime.contract.errors import QueryMismatch
from jobgen_runtime.database.adapters import OWN_ADAPTERS
from jobgen_runtime.database.infinity import (
    LoadingContext,
    register_infinity,
    register_zone,
)
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.statement import Statement

T = TypeVar("T")

_HEAD = "WITH jobgen_rows"

_NUMBERED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\$(\d+)')
"""A quoted name, a string or a placeholder. The runtime's own texts contain nothing else."""

_PERCENT = re.compile(r"%(?:\(([^)]*)\))?(.?)", re.DOTALL)
"""A placeholder of psycopg's: %s, %b, %t, the same with a name, or %%."""


class _HexDumper(adapt.Dumper):
    """Dump bytes as hexadecimal digits, which need no connection to be escaped."""

    oid = types["bytea"].oid

    def dump(self, obj: Any) -> bytes:
        return b"\\x" + bytes(obj).hex().encode()


def as_text(statement: Statement) -> str:
    """Return the statement with its parameters as literals, without a result to be read.

    Raises:
        psycopg.ProgrammingError: The placeholders and the parameters do not fit.
        psycopg.DataError: A parameter cannot be sent to PostgreSQL.
    """
    query = _query_text(statement.query)
    if statement.params is None:
        return query
    adapters = AdaptersMap(OWN_ADAPTERS if statement.own_types else psycopg.adapters)
    for kind in (bytes, bytearray, memoryview):
        adapters.register_dumper(kind, _HexDumper)
    names, values = _named(statement.params)
    literals = dict(zip(names, _literals(values, adapters), strict=True))
    if statement.numbered:
        return _NUMBERED.sub(
            lambda found: found[0] if found[1] is None else literals[int(found[1]) - 1], query
        )
    return _fill(query, literals)


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


def _query_text(query: abc.Query) -> str:
    if isinstance(query, bytes):
        return query.decode()
    if isinstance(query, str):
        return query
    if isinstance(query, sql.Composable):
        return query.as_string(None)
    raise TypeError(
        f"A query of the type {type(query).__name__} needs a connection of psycopg 3. Pass a string"
        " with %s and the parameters."
    )


def _named(
    params: Sequence[Any] | Mapping[str, Any],
) -> tuple[list[int] | list[str], list[Any]]:
    if isinstance(params, Mapping):
        return list(params), list(params.values())
    return list(range(len(params))), list(params)


def _literals(values: Sequence[Any], adapters: AdaptersMap) -> list[str]:
    transformer = adapt.Transformer(LoadingContext(adapters, None))
    dumped = transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
    return [
        "NULL" if data is None else _literal(bytes(data).decode(), oid, adapters)
        for data, oid in zip(dumped, transformer.types or (), strict=True)
    ]


def _literal(text: str, oid: int, adapters: AdaptersMap) -> str:
    doubled = text.replace("'", "''")
    # An E string means the same whatever standard_conforming_strings is.
    quoted = " E'{}'".format(doubled.replace("\\", "\\\\")) if "\\" in text else f"'{doubled}'"
    info = adapters.types.get(oid)
    if info is None:
        return quoted
    array = "[]" if oid == info.array_oid else ""
    return f"({quoted}::{info.regtype}{array})"


def _fill(query: str, literals: Mapping[Any, str]) -> str:
    """Replace psycopg's placeholders, by its rules: quotes in the query have no meaning."""
    used = 0
    is_named = any(isinstance(name, str) for name in literals)

    def literal(found: re.Match[str]) -> str:
        nonlocal used
        name, kind = found[1], found[2]
        if name is None and kind == "%":
            return "%"
        if kind not in ("s", "b", "t"):
            raise ProgrammingError(
                f"only '%s', '%b', '%t' are allowed as placeholders, got '{found[0]}'"
            )
        if is_named != (name is not None) and literals:
            raise ProgrammingError("positional and named placeholders cannot be mixed")
        key: Any = used if name is None else name
        used += 1
        if key not in literals:
            raise ProgrammingError(f"the query has a placeholder without a parameter: {found[0]}")
        return literals[key]

    text = _PERCENT.sub(literal, query)
    if not is_named and used != len(literals):
        raise ProgrammingError(
            f"the query has {used} placeholders but {len(literals)} parameters were passed"
        )
    return text


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
