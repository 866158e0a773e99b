"""Compare a job table with what a worker needs: its columns, indexes and triggers."""

from __future__ import annotations

from collections.abc import Iterator

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.preflight.fixes import create_index, create_wake_triggers, enable_trigger
from jobgen_runtime.preflight.priorities import find_priority_problems
from jobgen_runtime.preflight.problem import SEARCH_PATH_HINT, Problem
from jobgen_runtime.preflight.table_shape import TableShape
from jobgen_runtime.project import migrate_command
from jobgen_runtime.table import Table


def find_table_problems(
    table: Table, shape: TableShape | None, *, strict: bool
) -> Iterator[Problem]:
    """Yield what is missing in a job table, or disabled.

    Args:
        table: The table as the record describes it.
        shape: The table in the database; None if there is none.
        strict: Whether its jobs run in strict order.
    """
    name = table.qualified_name
    if shape is None:
        yield Problem(
            f"There is no table {name} in this database.", is_fatal=True, hint=_migrate_hint()
        )
        return
    columns = [c for c in dict.fromkeys((*JOB_COLUMNS, *table.columns)) if c not in shape.columns]
    if columns:
        yield Problem(
            f"The table {name} has no column {', '.join(columns)}.",
            is_fatal=True,
            hint=_migrate_hint(),
        )
    elif not shape.has_job_status:
        yield Problem(
            f"The status of {name} is not of the type job_status that the search_path finds.",
            is_fatal=True,
            hint=f"One worker works with one runtime schema: {SEARCH_PATH_HINT}",
        )
    if not shape.is_table:
        yield Problem(
            f"{name} is not a table but a view: workers have to poll for its jobs, and its table's "
            "indexes are not checked.",
            is_fatal=False,
            hint="Create the indexes of a job table on its table, or give the jobs a "
            "separate table.",
        )
        return
    yield from _index_problems(table, shape, strict=strict)
    yield from find_priority_problems(table, shape)
    yield from _trigger_problems(table, shape)


def _index_problems(table: Table, shape: TableShape, *, strict: bool) -> Iterator[Problem]:
    name, is_partitioned = table.qualified_name, shape.is_partitioned
    if not shape.has_claim_index:
        yield Problem(
            f"{name} has no index on (run_at, id): claims get slower as it grows.",
            is_fatal=False,
            hint=_migrate_hint(),
            statements=(create_index(table, "claim", is_partitioned=is_partitioned),),
        )
    if not shape.has_running_index:
        yield Problem(
            f"{name} has no index on (locked_by): rescues get slower as it grows.",
            is_fatal=False,
            hint=_migrate_hint(),
            statements=(create_index(table, "running", is_partitioned=is_partitioned),),
        )
    if strict and not shape.has_retry_index:
        yield Problem(
            f"{name} has no index of its retries, which strict_order reads at every claim: claims "
            "get slower as it grows.",
            is_fatal=False,
            hint="Add it to Schema.sql too.",
            statements=(create_index(table, "retry", is_partitioned=is_partitioned),),
        )


def _trigger_problems(table: Table, shape: TableShape) -> Iterator[Problem]:
    name = table.qualified_name
    events = {
        "INSERT": (shape.wakes_on_insert, shape.disabled_insert_triggers),
        "UPDATE": (shape.wakes_on_update, shape.disabled_update_triggers),
    }
    for event, (wakes, disabled) in events.items():
        if wakes:
            continue
        if disabled:
            yield Problem(
                f"The trigger of {name} that wakes workers on {event} is disabled: "
                "workers have to poll.",
                is_fatal=False,
                hint="Enable it.",
                statements=(enable_trigger(table, disabled[0]),),
            )
        else:
            yield Problem(
                f"{name} has no trigger that wakes workers on {event}: workers have to poll.",
                is_fatal=False,
                hint=_migrate_hint(),
                statements=create_wake_triggers(
                    table, insert=event == "INSERT", update=event == "UPDATE"
                ),
            )


def _migrate_hint() -> str:
    return f"Run `{migrate_command()}`, which adds it, or says what is left to you."
