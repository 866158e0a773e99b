"""What an Alembic environment needs: its revisions' operations, and a filter for autogenerate.

In `env.py`, pass `include_object` to each call of `context.configure`, so that autogenerate does
not drop the tables of jobs and of the runtime:

    from jobgen_runtime.alembic import include_object

    context.configure(..., include_object=include_object)

The revisions that `jobgen` writes call `create_runtime_schema` and `drop_runtime_schema`. This
module imports neither Alembic nor SQLAlchemy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from jobgen_runtime.contract.errors import SchemaError
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import INDEX_SUFFIXES, JOB_TABLE_SUFFIX, object_name
from jobgen_runtime.job_table.runtime_tables import RUNTIME_TABLES

_BOUND_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
"""The colon of what SQLAlchemy's text() takes for a parameter."""


class Operations(Protocol):
    """The part of `alembic.op` that is used."""

    def execute(self, sqltext: str, /) -> None:
        """Run a statement, or print it in offline mode."""


def create_runtime_schema(op: Operations, version: int) -> None:
    """Create the objects of RuntimeSchema.sql, or update them.

    Args:
        op: Alembic's `op`.
        version: The version that the revision was written for. A newer jobgen-runtime creates
            its own version, which is compatible.

    Raises:
        SchemaError: The installed jobgen-runtime is older than `version`.
    """
    from jobgen_runtime.database.schema import SCHEMA_VERSION, runtime_schema_statements

    if version > SCHEMA_VERSION:
        raise SchemaError(
            f"This revision needs version {version} of the runtime's schema, and the installed"
            f" jobgen-runtime has version {SCHEMA_VERSION}.",
            hint="Update jobgen-runtime: pip install --upgrade jobgen-runtime",
        )
    _execute(op, runtime_schema_statements())


def drop_runtime_schema(op: Operations) -> None:
    """Drop the objects of RuntimeSchema.sql; this fails while a table of jobs exists."""
    from jobgen_runtime.database.schema import drop_runtime_schema_statements

    _execute(op, drop_runtime_schema_statements())


def _execute(op: Operations, statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(_BOUND_PARAMETER.sub(r"\\:", statement))


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
