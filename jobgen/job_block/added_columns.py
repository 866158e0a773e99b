"""The statements of `jobgen column`: render them, and take them out of Schema.sql again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobgen.columns.arguments import NewColumn
from jobgen.job_block.context import column_index, priority_index
from jobgen.job_block.find import generated_column
from jobgen.job_block.recognise import is_priority
from jobgen.naming import JobName, quote_identifier
from jobgen.schema.model import Schema, Table


def added_column(column: NewColumn, table: str, *, on: str, is_job: bool) -> Iterator[str]:
    """Yield the statements that add a column, with its index, to a table.

    Args:
        column: The column.
        table: The table's name, not quoted.
        on: The table's name in SQL.
        is_job: Whether it is the table of a job.
    """
    yield f"ALTER TABLE {on} ADD COLUMN {column.sql};"
    if column.index_reason:
        yield column_index(table, column.name, on=on)
    if is_job and is_priority(column):
        yield priority_index(table, on=on)


def remove_added_columns(
    text: str, name: JobName, table: Table, schema: Schema
) -> tuple[str, tuple[str, ...]]:
    """Return Schema.sql without the columns that were added to a job's table, and what was removed.

    Statements that are not as jobgen writes them stay.

    Args:
        text: Schema.sql, with any line endings.
        name: The job.
        table: Its table.
        schema: The schema of Schema.sql.
    """
    plain = quote_identifier(table.name)
    names = (plain, f"{quote_identifier(table.schema)}.{plain}")
    lines = text.splitlines(keepends=True)
    kept: list[str] = []
    removed: list[str] = []
    index = 0
    while index < len(lines):
        found = next(
            (each for on in names if (each := _statements_at(lines[index:], name, on, schema))), []
        )
        if not found:
            kept.append(lines[index])
            index += 1
            continue
        removed += found
        index += len(found)
        is_end = index == len(lines) or not lines[index].strip()
        if is_end and kept and not kept[-1].strip():
            kept.pop()
    return "".join(kept), tuple(removed)


def _statements_at(lines: Sequence[str], name: JobName, on: str, schema: Schema) -> list[str]:
    """Return the statements of one added column that the lines begin with; none otherwise."""
    start = f"ALTER TABLE {on} ADD COLUMN "
    first = lines[0].rstrip("\r\n")
    if not first.startswith(start) or not first.endswith(";"):
        return []
    text = "".join(lines[:3])
    column = generated_column(first[len(start) : -1], name, text, schema)
    if column is None:
        return []
    expected = list(added_column(column, name.table, on=on, is_job=True))
    return expected if [line.rstrip("\r\n") for line in lines[: len(expected)]] == expected else []
