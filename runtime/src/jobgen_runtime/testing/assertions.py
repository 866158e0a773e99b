"""Assert which jobs wait, with failures that show what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import sql

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.database.callers import AsyncCallerConnection, CallerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import compose
from jobgen_runtime.testing.kinds import record_of

MOST_READ = 1000
"""Waiting jobs of a kind that are read, at most."""

MOST_LISTED = 5
"""Jobs that a failure lists: the nearest ones."""

LONGEST_VALUE = 80
"""Characters of a value that a failure shows."""

Kind = type[Job[Any]] | type[JobRecord]


async def enqueued(
    kind: Kind, conn: AsyncCallerConnection | None = None, /, **values: object
) -> list[Any]:
    """Return the jobs of a kind that wait to be run, now or later, in order.

    Args:
        kind: The job class, or its record.
        conn: The connection to use; None for one of the pool.
        values: Values by attribute that the jobs must have.

    Raises:
        TypeError: The record does not have an attribute.
    """
    record = _checked(kind, values)
    found = await record.fetch_all(_waiting(record), {"limit": MOST_READ}, conn=conn)
    return [job for job in found if not _differences(job, values)]


def enqueued_sync(
    kind: Kind, conn: CallerConnection | None = None, /, **values: object
) -> list[Any]:
    """Return the waiting jobs of a kind; the synchronous version of `enqueued`."""
    record = _checked(kind, values)
    found = record.fetch_all_sync(_waiting(record), {"limit": MOST_READ}, conn=conn)
    return [job for job in found if not _differences(job, values)]


async def assert_enqueued(
    kind: Kind,
    conn: AsyncCallerConnection | None = None,
    /,
    *,
    count: int | None = None,
    **values: object,
) -> list[Any]:
    """Assert that jobs of a kind wait to be run, and return them, in order.

    Args:
        kind: The job class, or its record.
        conn: The connection to use; None for one of the pool.
        count: How many; None for at least one.
        values: Values by attribute that they must have.

    Raises:
        AssertionError: There are more or fewer. It lists the waiting jobs, the nearest one first.
        TypeError: The record does not have an attribute.
    """
    record = _checked(kind, values)
    found = await record.fetch_all(_waiting(record), {"limit": MOST_READ}, conn=conn)
    return _matching(record, found, values, count)


def assert_enqueued_sync(
    kind: Kind,
    conn: CallerConnection | None = None,
    /,
    *,
    count: int | None = None,
    **values: object,
) -> list[Any]:
    """Assert that jobs of a kind wait; the synchronous version of `assert_enqueued`."""
    __tracebackhide__ = True
    record = _checked(kind, values)
    found = record.fetch_all_sync(_waiting(record), {"limit": MOST_READ}, conn=conn)
    return _matching(record, found, values, count)


def _checked(kind: Kind, values: Mapping[str, object]) -> type[JobRecord]:
    record = record_of(kind)
    if not issubclass(record, JobRecord):
        raise TypeError(f"{record.__name__} is not the record of a job.")
    for attribute in values:
        if attribute not in record.__table__.column_of:
            known = ", ".join(record.__table__.column_of)
            raise TypeError(
                f"{record.__name__} does not have the attribute {attribute!r}; it has {known}."
            )
    return record


def _waiting(record: type[JobRecord]) -> sql.Composed:
    return compose(record.__table__, "waiting_jobs")


def _matching(
    record: type[JobRecord],
    found: Sequence[JobRecord],
    values: Mapping[str, object],
    count: int | None,
) -> list[JobRecord]:
    __tracebackhide__ = True
    matching = [job for job in found if not _differences(job, values)]
    if len(matching) == count or (count is None and matching):
        return matching
    wanted = (
        "at least 1 job" if count is None else "no job" if count == 0 else counted(count, "job")
    )
    condition = ", ".join(f"{name}={_shown(value)}" for name, value in values.items())
    text = (
        f"Expected {wanted} of {record.__name__} to wait{f' with {condition}' if condition else ''}"
    )
    text += f", found {len(matching) or 'none'}."
    if not found:
        raise AssertionError(f"{text}\nNo job of that kind waits.")
    nearest = sorted(found, key=lambda job: len(_differences(job, values)))
    more = f", the nearest {MOST_LISTED}" if len(found) > MOST_LISTED else ""
    lines = [
        f"{counted(len(found), 'job')} of that kind {'waits' if len(found) == 1 else 'wait'}{more}:"
    ]
    lines += [_described(job, values) for job in nearest[:MOST_LISTED]]
    raise AssertionError("\n".join([text, *lines]))


def _differences(job: JobRecord, values: Mapping[str, object]) -> list[str]:
    return [name for name, value in values.items() if getattr(job, name) != value]


def _described(job: JobRecord, values: Mapping[str, object]) -> str:
    differing = _differences(job, values)
    table = job.__table__
    # Without the nine columns that every job has.
    own = [name for name in table.column_of if name not in JobRecord.__annotations__]
    parts = [f"{name}={_shown(getattr(job, name))}" for name in dict.fromkeys([*values, *own])]
    lines = [f"  {job.id}: {', '.join([*parts, _due(job)])}"]
    lines += [
        f"    {name}: expected {_shown(values[name])}, is {_shown(getattr(job, name))}"
        for name in differing
    ]
    return "\n".join(lines)


def _due(job: JobRecord) -> str:
    wait = job.run_at - datetime.now(UTC)
    due = f"due in {duration_text(wait)}" if wait.total_seconds() > 1 else "due now"
    return f"{due}, attempt {job.attempts_count + 1}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
