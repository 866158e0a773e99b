"""What must be in the database before a worker starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.contract import JOB_COLUMNS, SchemaError
from jobgen_runtime.database import SCHEMA_VERSION, schema_version
from jobgen_runtime.queue import Shape, table_shape
from jobgen_runtime.record import Table

_MIGRATE = "Run `jobgen migrate`, which adds it."
_SEARCH_PATH = (
    "the runtime's objects are found by the search_path (ALTER ROLE … SET search_path = …, or "
    "options=-csearch_path=… in the address)."
)


async def check_schema(conn: AsyncConnection[Any], tables: Sequence[Table]) -> list[str]:
    """What is missing that the worker can do without, each a sentence.

    Raises SchemaError for what it cannot do without.
    """
    version = await schema_version(conn)
    if version is None:
        raise SchemaError(
            "The runtime's own schema (job_workers and the like) is not in this database.",
            hint="Run `jobgen migrate`, or call jobgen_runtime.install_schema. If it is in another "
            f"schema: {_SEARCH_PATH}",
        )
    if version < SCHEMA_VERSION:
        raise SchemaError(
            f"The runtime's schema in this database is version {version}; "
            f"this worker needs version {SCHEMA_VERSION}.",
            hint="Run `jobgen migrate`: workers of the older version run on beside it.",
        )
    lacks: list[str] = []
    for table in tables:
        lacks += _lacks(table, await table_shape(conn, table))
    return lacks


def _lacks(table: Table, shape: Shape | None) -> Iterator[str]:
    name = table.qualified_name
    if shape is None:
        raise SchemaError(f"There is no table {name} in this database.", hint=_MIGRATE)
    missing = [c for c in dict.fromkeys((*JOB_COLUMNS, *table.columns)) if c not in shape.columns]
    if missing:
        raise SchemaError(f"The table {name} has no column {', '.join(missing)}.", hint=_MIGRATE)
    if not shape.is_of_this_runtime:
        raise SchemaError(
            f"The status of {name} is not of the type job_status that the search_path finds.",
            hint=f"One worker works with one runtime schema: {_SEARCH_PATH}",
        )
    if "run_at" not in shape.indexed:
        yield f"{name} has no index on (run_at, id): claims get slow as it grows. {_MIGRATE}"
    if "locked_by" not in shape.indexed:
        yield f"{name} has no index on (locked_by): the rescue gets slow as it grows. {_MIGRATE}"
    wakes = {"INSERT": shape.wakes_on_insert, "UPDATE": shape.wakes_on_update}
    for event in (event for event, there in wakes.items() if not there):
        yield f"{name} has no trigger that wakes workers on {event}: they have to poll. {_MIGRATE}"
