"""The variables of the template for a job's block, and the names that the block creates."""

from __future__ import annotations

from collections.abc import Sequence

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.job_table.priority import PRIORITY_COLUMN

from jobgen.columns.arguments import NewColumn
from jobgen.job_block.recognise import is_priority
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import JobName, quote_identifier
from jobgen.schema.model import DEFAULT_SEARCH_PATH, Schema

_INDEXES = {"claim_index": "claim", "running_index": "running", "failed_index": "failed"}
_TRIGGERS = {
    "insert_trigger": "wake_on_insert",
    "update_trigger": "wake_on_update",
}


def block_context(
    name: JobName,
    columns: Sequence[NewColumn],
    schema: Schema | None = None,
    unique: UniqueJob | None = None,
) -> dict[str, object]:
    """Return the variables of templates/schema, with every name quoted where SQL requires it.

    Args:
        name: The job.
        columns: The job's own columns.
        schema: The schema that the block is appended to. If its search_path is empty at the end,
            as after the output of pg_dump, the block sets it. None: the block does not set it.
        unique: What makes the job unique; None if nothing does.
    """
    restores_path = schema is not None and not schema.search_path
    names = {key: object_name(name.table, suffix) for key, suffix in (_INDEXES | _TRIGGERS).items()}
    return {
        "table": quote_identifier(name.table),
        "job_columns": [column.sql for column in JOB_COLUMNS.values()],
        "columns": [column.sql for column in columns],
        "column_indexes": [
            {
                "name": quote_identifier(_index_name(name, column)),
                "column": quote_identifier(column.name),
                "reason": column.index_reason,
            }
            for column in columns
            if _has_index(column, unique)
        ],
        "priority_index": (
            quote_identifier(object_name(name.table, PRIORITY_COLUMN))
            if any(map(is_priority, columns))
            else ""
        ),
        "unique_indexes": [unique.variables(name.table)] if unique else [],
        "search_path": DEFAULT_SEARCH_PATH[0] if restores_path else "",
        **{key: quote_identifier(value) for key, value in names.items()},
    }


def taken_names(
    name: JobName,
    columns: Sequence[NewColumn],
    schema: Schema,
    unique: UniqueJob | None = None,
) -> tuple[str, ...]:
    """Return the names of the block's table and indexes that clash.

    A name clashes if `schema` has it already, or if the block would use it twice.
    """
    created = [name.table, *(object_name(name.table, suffix) for suffix in _INDEXES.values())]
    created += [_index_name(name, column) for column in columns if _has_index(column, unique)]
    created += [object_name(name.table, column.name) for column in columns if is_priority(column)]
    created += [unique.index_name(name.table)] if unique else []
    return tuple(
        created_name
        for created_name in dict.fromkeys(created)
        if created.count(created_name) > 1 or schema.is_taken(created_name)
    )


def column_index(table: str, column: str, *, on: str) -> str:
    """Return the statement that creates the index of a column, as the block has it.

    Args:
        table: The table's name, not quoted.
        column: The column's name, not quoted.
        on: The table's name in SQL.
    """
    index = quote_identifier(object_name(table, f"{column}_index"))
    return f"CREATE INDEX {index} ON {on} ({quote_identifier(column)});"


def priority_index(table: str, *, on: str) -> str:
    """Return the statement that creates the index of a job's priorities, as the block has it.

    The parameters are those of `column_index`.
    """
    index = quote_identifier(object_name(table, PRIORITY_COLUMN))
    return (
        f"CREATE INDEX {index} ON {on} (priority DESC, run_at, id)"
        " WHERE status IN ('job_status_not_started', 'job_status_retry');"
    )


def _has_index(column: NewColumn, unique: UniqueJob | None) -> bool:
    """Return whether a column gets an index: a unique index over all jobs may do its work."""
    return bool(column.index_reason) and not (unique and unique.serves(column.name))


def _index_name(name: JobName, column: NewColumn) -> str:
    return object_name(name.table, f"{column.name}_index")
