"""Compare the column `priority` of a job table with its record, and find its index."""

from __future__ import annotations

from collections.abc import Iterator

from jobgen_runtime.job_table.priority import PRIORITY_COLUMN
from jobgen_runtime.preflight.fixes import create_index
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.preflight.table_shape import TableShape
from jobgen_runtime.table import Table


def find_priority_problems(table: Table, shape: TableShape) -> Iterator[Problem]:
    """Yield what is wrong with a table's priorities.

    Args:
        table: The table as the record describes it.
        shape: The table in the database, which is not a view.
    """
    name = table.qualified_name
    if not table.has_priority:
        if shape.has_priority_column and shape.has_priority_index:
            yield Problem(
                f"{name} has priorities that Generated/Types.py does not know of: its jobs start "
                "by run_at.",
                is_fatal=False,
                hint="Run `jobgen types`.",
            )
    elif not shape.has_priority_column:
        # A missing column is reported with the others.
        if PRIORITY_COLUMN in shape.columns:
            yield Problem(
                f"The column priority of {name} is not SMALLINT NOT NULL in this database, as "
                "Generated/Types.py says.",
                is_fatal=True,
                hint="Change the column in the database, or in Schema.sql and run `jobgen types`: "
                "a column of another type is your own, and claims do not read it.",
            )
    elif not shape.has_priority_index:
        yield Problem(
            f"{name} has no index on (priority DESC, run_at, id), which every claim reads: claims "
            "get slower as it grows.",
            is_fatal=False,
            hint="Run `jobgen migrate`, which adds it if it is in Schema.sql.",
            statements=(create_index(table, "priority", is_partitioned=shape.is_partitioned),),
        )
