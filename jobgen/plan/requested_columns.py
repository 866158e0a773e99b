"""The columns of a command line, or the issue of the plan that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

from jobgen.columns.arguments import NewColumn, parse_columns, require_nullable
from jobgen.columns.references import UnknownTableError
from jobgen.errors import JobgenError
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model_tables import missing_table_advice
from jobgen.schema.model import Schema


def requested_columns(
    builder: PlanBuilder,
    arguments: Sequence[str],
    schema: Schema,
    own_table: str,
    *,
    is_job: bool = True,
    results: Sequence[str] = (),
) -> tuple[NewColumn, ...] | None:
    """Return the columns as they were typed; None after adding an issue if one is not valid.

    Args:
        builder: The plan.
        arguments: The columns as they were typed.
        schema: The types and tables that there are.
        own_table: The table that gets the columns.
        is_job: Whether it is a job's.
        results: The columns that the job fills, which follow the others; each must allow NULL.
    """
    project = builder.project
    is_file = project.schema_source == "file"
    source = str(project.schema_path) if is_file else "the database"
    try:
        columns = parse_columns(
            (*arguments, *results), schema, own_table=own_table, source=source, is_job=is_job
        )
        for column in columns[len(arguments) :]:
            require_nullable(column)
    except UnknownTableError as error:
        advice = missing_table_advice(builder.snapshot, schema)
        error.hint = " ".join(filter(None, (error.hint, advice)))
        builder.add_error(error)
    except JobgenError as error:
        builder.add_error(error)
    else:
        return columns
    return None
