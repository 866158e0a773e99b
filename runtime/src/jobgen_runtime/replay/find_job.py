"""Find a job by its id, or by the beginning of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.errors import LockNotAvailable
from psycopg.rows import scalar_row, tuple_row

from jobgen_runtime.contract.errors import (
    JobgenRuntimeError,
    JobRunning,
    RecordNotFound,
    UnknownName,
)
from jobgen_runtime.database import Statement, fetch_rows_sync
from jobgen_runtime.database.sessions import execute_with_timeouts
from jobgen_runtime.table import Table, compose

MAX_NAMED = 5
"""Jobs that an ambiguous beginning names."""

_DIGITS = re.compile(r"[0-9a-f]{1,32}")


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job that can be run, and whether it had ended before."""

    id: UUID
    has_ended: bool


def find_job(conn: Connection[Any], table: Table, text: str) -> FoundJob:
    """Return the job whose id is, or begins with, this text.

    Raises:
        UnknownName: The text is not the beginning of an id, or of several.
        RecordNotFound: There is no such job.
        JobRunning: The job is running.
        JobgenRuntimeError: The database refuses to store how the job has ended.
    """
    digits = text.replace("-", "").lower()
    if not _DIGITS.fullmatch(digits):
        raise UnknownName(f"{text!r} is not the id of a job, nor the beginning of one.")
    bounds = {"first": UUID(digits.ljust(32, "0")), "last": UUID(digits.ljust(32, "f"))}
    query = Statement(
        compose(table, "find_ids"), {**bounds, "limit": MAX_NAMED + 1}, own_types=True
    )
    ids = fetch_rows_sync(conn, [query], scalar_row)
    if not ids:
        raise RecordNotFound(f"{table.qualified_name} has no job {text}.")
    if len(ids) > 1:
        more = " and more" if len(ids) > MAX_NAMED else ""
        named = ", ".join(map(str, ids[:MAX_NAMED]))
        raise UnknownName(
            f"The ids of several jobs of {table.qualified_name} begin with {text}: {named}{more}.",
            hint="Write more of the id.",
        )
    return FoundJob(ids[0], has_ended=_state(conn, table, ids[0]) == "ended")


def _state(conn: Connection[Any], table: Table, job: UUID) -> str:
    query = compose(table, "lock_job").as_bytes(None)
    try:
        rows = execute_with_timeouts(conn, query, tuple_row, {"id": job})
    except LockNotAvailable as error:
        raise JobgenRuntimeError(
            f"The job {job} of {table.qualified_name} is locked by another session.",
            hint="Perhaps `manage-jobs run --rollback` runs it elsewhere. Try again afterwards.",
        ) from error
    if not rows:
        raise RecordNotFound(f"{table.qualified_name} has no job {job}.")
    state = str(rows[0][1])
    if state == "running":
        raise JobRunning(
            f"The job {job} of {table.qualified_name} is running.",
            hint="Run it once it has ended; cancel it to end it now: `manage-jobs cancel`.",
        )
    if state == "refused":
        raise JobgenRuntimeError(
            f"The job {job} of {table.qualified_name} has ended, but the database refuses to "
            "store that.",
            hint="`manage-jobs status` shows the reason. Retry it first: `manage-jobs retry`.",
        )
    return state
