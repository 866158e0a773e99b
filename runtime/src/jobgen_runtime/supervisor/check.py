"""What a database lacks of what a worker needs, and the SQL that adds it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.errors import LockNotAvailable

from jobgen_runtime.contract import SchemaError
from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema, schema_version
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.queue import (
    Session,
    Shape,
    create_index,
    enable_trigger,
    grant_rights,
    grant_schema,
    missing_rights,
    session,
    table_shape,
    trigger_statements,
    unusable_schemas,
)
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import Table

log = logging.getLogger("jobgen.worker")

_MIGRATE = "Run `jobgen migrate`, which adds it."
_SEARCH_PATH = (
    "the runtime's objects are found by the search_path (ALTER ROLE … SET search_path = …, or "
    "options=-csearch_path=… in the address)."
)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing: in a sentence, and what to do about it.

    `fatal`: a worker cannot do without it. `statements` add it, where SQL can.
    """

    sentence: str
    fatal: bool
    hint: str
    statements: tuple[str, ...] = ()


_Job = type[Job[Any]]


async def find_lacks(conn: AsyncConnection[Any], jobs: Sequence[_Job]) -> list[Lack]:
    """All that the jobs' tables and the runtime's own lack; changes nothing."""
    tables = {job: record.__table__ for job in jobs if issubclass(record := job.record, JobRecord)}
    who = await session(conn)
    hidden = await unusable_schemas(conn, list(tables.values()))
    lacks = [*_of_search_path(who), *(_of_schema(name, who) for name in hidden)]
    if lacks:
        # What is behind them cannot be looked at.
        return lacks
    forbidden = await missing_rights(conn, list(tables.values()))
    if "SELECT" not in forbidden.get("job_runtime_schema", ()):
        lacks += _of_runtime(await schema_version(conn))
    if lacks:
        return lacks
    for job, table in tables.items():
        try:
            shape = await table_shape(conn, table)
        except LockNotAvailable:
            lacks.append(_of_locked(table))
        else:
            lacks += _of_table(table, shape, strict=job.strict_order)
    return [*lacks, *(_of_rights(name, rights, who) for name, rights in forbidden.items())]


async def check_start(link: WorkerConnection, jobs: Sequence[_Job]) -> None:
    """Waits for the server; then logs what the jobs' tables lack.

    Raises SchemaError for what a worker cannot do without, and NoDatabase where the server turns it
    away.
    """
    while True:
        conn = await link.connection(first=True)
        try:
            lacks = await find_lacks(conn, jobs)
        except Error:
            if conn.closed:
                continue
            raise
        break
    for lack in sorted(lacks, key=lambda lack: not lack.fatal):
        hint = f"{lack.hint} `run-jobs --check` prints the SQL." if lack.statements else lack.hint
        if lack.fatal:
            raise SchemaError(lack.sentence, hint=hint)
        log.warning("%s %s", lack.sentence, hint)


def _of_search_path(who: Session) -> Iterator[Lack]:
    if not who.has_schema:
        statements = (grant_schema("public", who.role),) if "public" in who.search_path else ()
        yield Lack(
            f"The role {who.role} may use no schema of its search_path ({who.search_path}).",
            True,
            "Let the schema's owner grant it, or name another in the search_path.",
            statements,
        )


def _of_schema(name: str, who: Session) -> Lack:
    return Lack(
        f"The role {who.role} may not use the schema {name}.",
        True,
        "Let the schema's owner grant it.",
        (grant_schema(name, who.role),),
    )


def _of_rights(name: str, rights: Sequence[str], who: Session) -> Lack:
    return Lack(
        f"The role {who.role} may not {' and '.join(rights)} on {name}.",
        True,
        "Let the table's owner grant it.",
        (grant_rights(name, rights, who.role),),
    )


def _of_runtime(version: int | None) -> Iterator[Lack]:
    if version is None:
        yield Lack(
            "The runtime's own schema (job_workers and the like) is not in this database.",
            True,
            "Run `jobgen migrate`, or call jobgen_runtime.install_schema. If it is in another "
            f"schema: {_SEARCH_PATH}",
            (runtime_schema(),),
        )
    elif version < SCHEMA_VERSION:
        yield Lack(
            f"The runtime's schema in this database is version {version}; "
            f"this worker needs version {SCHEMA_VERSION}.",
            True,
            "Run `jobgen migrate`: workers of the older version run on beside it.",
            (runtime_schema(),),
        )


def _of_locked(table: Table) -> Lack:
    return Lack(
        f"Someone has locked {table.qualified_name}, so it cannot be looked at.",
        False,
        "`run-jobs --check` says later what it lacks.",
    )


def _of_table(table: Table, shape: Shape | None, *, strict: bool) -> Iterator[Lack]:
    name = table.qualified_name
    if shape is None:
        yield Lack(f"There is no table {name} in this database.", True, _MIGRATE)
        return
    columns = [c for c in dict.fromkeys((*JOB_COLUMNS, *table.columns)) if c not in shape.columns]
    if columns:
        yield Lack(f"The table {name} has no column {', '.join(columns)}.", True, _MIGRATE)
    elif not shape.is_of_this_runtime:
        yield Lack(
            f"The status of {name} is not of the type job_status that the search_path finds.",
            True,
            f"One worker works with one runtime schema: {_SEARCH_PATH}",
        )
    yield from _of_indexes(table, shape, strict=strict)
    yield from _of_triggers(table, shape)


def _of_indexes(table: Table, shape: Shape, *, strict: bool) -> Iterator[Lack]:
    name, partitioned = table.qualified_name, shape.partitioned
    if not shape.has_claim_index:
        yield Lack(
            f"{name} has no index on (run_at, id): claims get slow as it grows.",
            False,
            _MIGRATE,
            (create_index(table, "claim", partitioned=partitioned),),
        )
    if not shape.has_running_index:
        yield Lack(
            f"{name} has no index on (locked_by): the rescue gets slow as it grows.",
            False,
            _MIGRATE,
            (create_index(table, "running", partitioned=partitioned),),
        )
    if strict and not shape.has_retry_index:
        yield Lack(
            f"{name} has no index of its retries, and strict_order asks for the next one again "
            "and again: claims get slow as it grows.",
            False,
            "Add it to Schema.sql too.",
            (create_index(table, "retry", partitioned=partitioned),),
        )


def _of_triggers(table: Table, shape: Shape) -> Iterator[Lack]:
    name = table.qualified_name
    events = {
        "INSERT": (shape.wakes_on_insert, shape.disabled_on_insert),
        "UPDATE": (shape.wakes_on_update, shape.disabled_on_update),
    }
    for event, (wakes, disabled) in events.items():
        if wakes:
            continue
        if disabled:
            yield Lack(
                f"The trigger of {name} that wakes workers on {event} is disabled: "
                "they have to poll.",
                False,
                "Enable it.",
                (enable_trigger(table, disabled[0]),),
            )
        else:
            yield Lack(
                f"{name} has no trigger that wakes workers on {event}: they have to poll.",
                False,
                _MIGRATE,
                trigger_statements(table, insert=event == "INSERT", update=event == "UPDATE"),
            )
