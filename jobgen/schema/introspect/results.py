r"""Use the result of a query as psql does: \gset stores it in variables, \gexec runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psycopg.pq.abc import PGresult

from jobgen.schema.script.script import Statement, Values, split_statements


class UnusableResultError(Exception):
    r"""A \gset needs a result of one row."""


def stored_values(result: PGresult, prefix: str) -> Values:
    r"""Return what `\gset PREFIX` stores, by the names of the variables.

    Raises:
        UnusableResultError: The result does not have one row.
    """
    if result.ntuples != 1:
        found = "no rows" if not result.ntuples else "more than one row"
        raise UnusableResultError(f"\\gset needs one row, and the query returned {found}")
    return {
        f"{prefix}{_name(result, column)}": _text(result, 0, column) for column in _columns(result)
    }


def generated_statements(result: PGresult, query: Statement) -> Iterator[Statement]:
    r"""Yield the statements that \gexec runs, row by row; a NULL is none.

    Args:
        result: The result of the query.
        query: The query, whose position the statements get.
    """
    for row in range(result.ntuples):
        for column in _columns(result):
            for statement in split_statements(_text(result, row, column) or ""):
                yield replace(statement, offset=query.offset, is_generated=True)


def _columns(result: PGresult) -> range:
    return range(result.nfields)


def _name(result: PGresult, column: int) -> str:
    return (result.fname(column) or b"").decode()


def _text(result: PGresult, row: int, column: int) -> str | None:
    value = result.get_value(row, column)
    return None if value is None else value.decode()
