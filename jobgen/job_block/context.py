"""What the template of a job's SQL block is filled with."""

from __future__ import annotations

from collections.abc import Sequence

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import object_name

from jobgen.columns.arguments import NewColumn
from jobgen.naming import JobName, quote_identifier
from jobgen.schema.model import DEFAULT_SEARCH_PATH, Schema

_INDEXES = {"claim_index": "claim", "running_index": "running", "failed_index": "failed"}
_TRIGGERS = {
    "insert_trigger": "wake_on_insert",
    "update_trigger": "wake_on_update",
}


def context(
    name: JobName, columns: Sequence[NewColumn], schema: Schema | None = None
) -> dict[str, object]:
    """The variables of templates/schema, every name quoted as SQL needs it.

    `schema` is the one that the block is appended to: where its search_path is empty at the
    end, as after pg_dump's output, the block sets it.
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
            if column.index_reason
        ],
        "search_path": DEFAULT_SEARCH_PATH[0] if restores_path else "",
        **{key: quote_identifier(value) for key, value in names.items()},
    }


def taken_names(name: JobName, columns: Sequence[NewColumn], schema: Schema) -> tuple[str, ...]:
    """The names of the block's table and indexes that `schema` has already, or that it
    would give twice itself."""
    made = [name.table, *(object_name(name.table, suffix) for suffix in _INDEXES.values())]
    made += [_index_name(name, column) for column in columns if column.index_reason]
    twice = {made_name for made_name in made if made.count(made_name) > 1}
    return tuple(
        made_name
        for made_name in dict.fromkeys(made)
        if made_name in twice or schema.is_taken(made_name)
    )


def _index_name(name: JobName, column: NewColumn) -> str:
    return object_name(name.table, f"{column.name}_index")
