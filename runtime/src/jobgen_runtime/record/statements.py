"""Build the statements that read and write records; without a connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from psycopg import sql

from jobgen_runtime.contract.context import Fence
from jobgen_runtime.database import Statement
from jobgen_runtime.record.errors import unknown_argument
from jobgen_runtime.record.values import all_to_database, key_to_database, to_database
from jobgen_runtime.table import Table, quote_name, quote_text

_MAX_PARAMETERS = 65535
"""Parameters of one statement: PostgreSQL's protocol counts them with 16 bits."""

_BATCH_ROWS = 1000
"""Rows of one INSERT; more do not make it faster."""


def select_by_key(table: Table, key: Sequence[object], *, fence: str = "") -> Statement:
    """Return the statement that reads the row with a primary key.

    Args:
        table: The table.
        key: The values of its primary key.
        fence: A further condition, as `fence_condition` returns it.
    """
    query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
        table.quoted_columns, table.quoted_name, _key_condition(table)
    )
    return Statement(query + sql.SQL(fence), _key_values(table, key), columns=table.columns)


def delete_by_key(table: Table, key: Sequence[object]) -> Statement:
    """Return the statement that deletes the row with a primary key."""
    query = sql.SQL("DELETE FROM {} WHERE {}").format(table.quoted_name, _key_condition(table))
    return Statement(query, _key_values(table, key))


def update_by_key(
    table: Table,
    key: Sequence[object],
    values: Mapping[str, object],
    *,
    caller: str,
    more: str = "",
    fence: str = "",
) -> Statement:
    """Return the statement that updates a row and returns it with all columns, in order.

    Args:
        table: The table.
        key: The values of its primary key.
        values: The new values by attribute; at least one.
        caller: The name of the public method, for error messages.
        more: Further assignments: `SET_UPDATED_AT`.
        fence: A further condition, as `fence_condition` returns it.

    Raises:
        TypeError: The record does not have an attribute of `values`.
    """
    column_of = table.column_of
    for attribute in values:
        if attribute not in column_of:
            raise unknown_argument(caller, attribute)
    columns = tuple(column for attribute, column in column_of.items() if attribute in values)
    set_, where, returning = table.update_texts(columns)
    parameters = [to_database(table, c, values[table.attribute(c)]) for c in columns]
    return Statement(
        b"".join((set_, more.encode(), where, fence.encode(), returning)),
        [*parameters, *_key_values(table, key)],
        numbered=True,
        columns=table.columns,
    )


SET_UPDATED_AT = ", updated_at = NOW()"


def fence_condition(fence: Fence) -> str:
    """Return the condition that a job's row still belongs to a claim, as in sql/succeed.sql.

    It has no parameters, because the application's adapters may convert these as they like.
    """
    locked_at = quote_text(fence.locked_at).as_string(None)
    return (
        " AND status IS NOT DISTINCT FROM 'job_status_running'"
        f" AND locked_by IS NOT DISTINCT FROM '{fence.worker}'::UUID"
        f" AND locked_at IS NOT DISTINCT FROM {locked_at}::TIMESTAMPTZ"
    )


def _key_condition(table: Table) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = %s").format(quote_name(column)) for column in table.key
    )


def _key_values(table: Table, key: Sequence[object]) -> list[object]:
    return [key_to_database(table, c, v) for c, v in zip(table.key, key, strict=True)]


def inserts(
    table: Table,
    rows: Iterable[Mapping[str, object]],
    *,
    caller: str,
    returning: bool = True,
    on_conflict: bytes = b"",
) -> Iterator[Statement]:
    """Return the statements that insert the rows, in batches.

    Args:
        table: The table to insert into.
        rows: The values by attribute. The database's default is used for an attribute left out.
        caller: The name of the public method, for error messages.
        returning: Whether the statements return the rows, with all columns in the table's order.
        on_conflict: What they do with duplicates, as `UniqueIndex.on_conflict`; an error if empty.

    Raises:
        TypeError: A row has an attribute that the record does not have.
    """
    for batch in _batches(
        iter(rows), min(_BATCH_ROWS, _MAX_PARAMETERS // max(len(table.columns), 1))
    ):
        yield _insert(table, batch, caller, returning=returning, on_conflict=on_conflict)


def _batches(
    rows: Iterator[Mapping[str, object]], size: int
) -> Iterator[list[Mapping[str, object]]]:
    while batch := list(islice(rows, size)):
        yield batch


def _insert(
    table: Table,
    rows: Sequence[Mapping[str, object]],
    caller: str,
    *,
    returning: bool,
    on_conflict: bytes,
) -> Statement:
    column_of = table.column_of
    given = {attribute for row in rows for attribute in row}
    for attribute in given:
        if attribute not in column_of:
            raise unknown_argument(caller, attribute)
    # Rows without values still need a column: DEFAULT VALUES inserts one row only.
    attributes = [a for a in column_of if a in given] or list(column_of)[:1]
    if all(len(row) == len(attributes) for row in rows):
        tuples, values = _tuples(len(attributes), len(rows)), _values(table, attributes, rows)
    else:
        tuples, values = _tuples_with_defaults(table, attributes, rows)
    before, after = table.insert_texts(tuple(column_of[a] for a in attributes))
    query = b"".join((before, tuples, on_conflict, after if returning else b""))
    return Statement(query, values, numbered=True, columns=table.columns if returning else None)


@lru_cache(maxsize=32)
def _tuples(columns: int, rows: int) -> bytes:
    """Return the placeholders of that many rows without defaults."""
    row = "({})".format(", ".join(["${}"] * columns))
    return ", ".join([row] * rows).format(*range(1, columns * rows + 1)).encode()


def _values(
    table: Table, attributes: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> list[object]:
    """Return the values of rows without defaults, row by row.

    They are converted column by column, because the values of a column are alike.
    """
    values: list[object] = [None] * (len(attributes) * len(rows))
    for index, attribute in enumerate(attributes):
        column = [row[attribute] for row in rows]
        values[index :: len(attributes)] = all_to_database(
            table, table.column_of[attribute], column
        )
    return values


def _tuples_with_defaults(
    table: Table, attributes: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> tuple[bytes, list[object]]:
    """Return the placeholders and values of rows that use different defaults."""
    tuples: list[str] = []
    values: list[object] = []
    for row in rows:
        placeholders = []
        for attribute in attributes:
            if attribute in row:
                values.append(to_database(table, table.column_of[attribute], row[attribute]))
                placeholders.append(f"${len(values)}")
            else:
                placeholders.append("DEFAULT")
        tuples.append("({})".format(", ".join(placeholders)))
    return ", ".join(tuples).encode(), values
