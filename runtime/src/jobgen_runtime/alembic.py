"""Keeps Alembic's autogenerate from dropping the tables of jobs and of the runtime.

In `env.py`, pass the function to each call of `context.configure`:

    from jobgen_runtime.alembic import include_object

    context.configure(..., include_object=include_object)

It is called by Alembic, and imports neither Alembic nor SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import INDEX_SUFFIXES, JOB_TABLE_SUFFIX, object_name
from jobgen_runtime.job_table.runtime_tables import RUNTIME_TABLES


def include_object(
    item: Any, name: str | None, type_: str, reflected: bool, compare_to: Any | None
) -> bool:
    """Return whether autogenerate compares an object of the database or of the models.

    The tables of jobs and of the runtime are left out, unless a model declares them. Of a table
    that a model declares, the indexes that jobgen created are left out.

    Args:
        item: SQLAlchemy's object: a table, a column, an index, …
        name: Its name.
        type_: What it is: `table`, `column`, `index`, `unique_constraint`, …
        reflected: Whether it is from the database.
        compare_to: The object of the other side; None if there is none.

    See https://alembic.sqlalchemy.org/en/latest/api/runtime.html, `include_object`.
    """
    if not reflected or compare_to is not None:
        return True
    if type_ == "table":
        return not _is_runtime_table(item) and not _is_job_table(item)
    if type_ == "index" and _is_job_table(item.table):
        return name not in _created_indexes(item.table)
    return True


def _created_indexes(table: Any) -> set[str]:
    """Return the names of the indexes that jobgen creates on a job's table."""
    suffixes = [*INDEX_SUFFIXES, *(f"{column.name}_index" for column in table.columns)]
    return {object_name(str(table.name), suffix) for suffix in suffixes}


def _is_runtime_table(table: Any) -> bool:
    column = RUNTIME_TABLES.get(str(table.name))
    return column is not None and column in table.columns


def _is_job_table(table: Any) -> bool:
    has_columns = all(column in table.columns for column in JOB_COLUMNS)
    return has_columns and str(table.name).endswith(JOB_TABLE_SUFFIX)
