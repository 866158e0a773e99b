"""The errors that the methods of records raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from psycopg.errors import NotNullViolation

from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.errors import (
    ChangeSuppressed,
    ClaimLost,
    DuplicateJob,
    RecordNotFound,
    WaitTimedOut,
)
from jobgen_runtime.database.server_errors import is_raised_by_user_code
from jobgen_runtime.table import Table, UniqueIndex

_UPDATES = frozenset({"update", "update_sync"})

_ORDERS: Mapping[str, str] = MappingProxyType(
    {
        "id": "a job keeps its id",
        "created_at": "it is set once, by create()",
        "updated_at": "each update sets it to the current time",
        "status": "call retry() or cancel(), or raise Snooze or Cancel in perform",
        "last_error": "call cancel(), or raise Cancel(reason) in perform",
        "attempts_count": "call retry(), which starts over with all attempts",
        "locked_at": "call cancel() to take the job away from its worker",
        "locked_by": "call cancel() to take the job away from its worker",
        "run_at": "call retry() to run the job now, or raise Snooze in perform to run it later",
    }
)
"""What to do instead of updating a column that every job has."""


def unknown_argument(caller: str, attribute: str) -> TypeError:
    """Return the error of an argument that is not an attribute of the record, in Python's words."""
    return TypeError(f"{caller}() got an unexpected keyword argument {attribute!r}")


def refuse_runtime_columns(caller: str, table: Table, attributes: Mapping[str, object]) -> None:
    """Check that an update of a job changes the user's own columns only.

    Raises:
        TypeError: It sets a column that belongs to the runtime.
    """
    for attribute in attributes:
        column = table.column_of.get(attribute)
        if column is not None and column in _ORDERS:
            raise TypeError(
                f"{caller}() cannot set {column}, which belongs to the runtime: {_ORDERS[column]}."
            )


def not_constructed(cls: type) -> TypeError:
    """Return the error of calling a record class."""
    name = cls.__name__
    return TypeError(
        f"{name}(…) makes no row. Insert one with `await {name}.create(…)` or "
        f"`{name}.create_sync(…)`, or make a record without a database with `{name}.build(…)`."
    )


def missing_attribute(record: object, name: str, *, is_built: bool) -> AttributeError:
    """Return the error of an attribute that a record does not have."""
    cls = type(record)
    message = f"{cls.__name__!r} object has no attribute {name!r}"
    table: Table | None = getattr(cls, "__table__", None)
    if table is None or name.startswith("_"):
        pass
    elif name in table.column_of:
        if is_built:
            message = (
                f"{cls.__name__}.{name} has no value: build() was not given one, and the column's "
                "default is known to the database only."
            )
    elif name in _UPDATES and not table.key:
        message = no_key(table, "updated")
    elif name in _UPDATES:
        message += ". Generated/Types.py is of an older version: run `jobgen types`."
    else:
        message += ". If it is a column of the table, run `jobgen types`."
    return AttributeError(message, name=name, obj=record)


def no_key(table: Table, done: str) -> str:
    """Return why no row of the table can be read, updated or deleted by its record."""
    return (
        f"{table.qualified_name} has no primary key, so its rows cannot be {done} by their "
        "records. Use SQL, or add a primary key and run `jobgen types`."
    )


def no_row(cls: type, method: str) -> RecordNotFound:
    """Return the error of a method that needs the database, called on a record of `build`."""
    return RecordNotFound(
        f"{method}() needs a row of the database, and this {cls.__name__} was made by build().",
        hint="Make it with create() in a test that has a database.",
    )


def describe_key(table: Table, key: tuple[object, ...]) -> str:
    """Return a primary key for people: `id=3`."""
    pairs = zip(map(table.attribute, table.key), key, strict=True)
    return ", ".join(f"{attribute}={value}" for attribute, value in pairs)


def not_found(cls: type, table: Table, key: tuple[object, ...]) -> RecordNotFound:
    """Return the error of a row that is not there."""
    return RecordNotFound(f"No {cls.__name__} has {describe_key(table, key)}.")


def change_suppressed(cls: type, table: Table, key: tuple[object, ...]) -> ChangeSuppressed:
    """Return the error of a row that is there, but that the statement did not change."""
    return ChangeSuppressed(
        f"The {cls.__name__} with {describe_key(table, key)} was not changed: a trigger, a rule or "
        f"a row security policy of {table.qualified_name} suppressed the statement."
    )


def claim_lost(table: Table, key: tuple[object, ...]) -> ClaimLost:
    """Return the error of a running job's write after its claim was lost."""
    return ClaimLost(
        f"The job {key[0]} of {table.qualified_name} no longer belongs to this worker.",
        hint="The job was cancelled, or another worker took it over. Nothing was written.",
    )


def insert_suppressed(cls: type, table: Table) -> ChangeSuppressed:
    """Return the error of a row that was not inserted, although the statement succeeded."""
    return ChangeSuppressed(
        f"The {cls.__name__} was not inserted: a trigger or a rule of {table.qualified_name} "
        "suppressed the statement."
    )


def require_all_inserted(cls: type, table: Table, given: int, inserted: int) -> None:
    """Check that `create_many` has inserted each of the given rows.

    Raises:
        ChangeSuppressed: A trigger or a rule has suppressed some of them.
    """
    if inserted < given:
        raise ChangeSuppressed(
            f"{given - inserted} of {given} rows of {cls.__name__} were not inserted: a trigger or"
            f" a rule of {table.qualified_name} suppressed them.",
            hint="create_many inserts all rows or none; if the transaction is yours, roll it back."
            " insert_many inserts the others, and returns their number.",
        )


def duplicate_job(
    cls: type, index: UniqueIndex, *, existing: Any = None, detail: str | None = None
) -> DuplicateJob:
    """Return the error of a job that would be a duplicate.

    Args:
        cls: Its record class.
        index: The unique index that does not allow it.
        existing: The record of the job that is there; None if it is not known.
        detail: The values that occur twice, in the database's words; None if they are not known.
    """
    if existing is None:
        return DuplicateJob(
            f"The unique index {index.name} allows one such {cls.__name__}, and there is another.",
            hint=detail,
        )
    status = str(existing.status.value).removeprefix("job_status_").replace("_", " ")
    return DuplicateJob(
        f"The unique index {index.name} allows one such {cls.__name__}, and there is another: the"
        f" job {existing.id}, whose status is: {status}.",
        hint="get_or_create() returns that job, and update_or_create() updates it while it waits.",
        existing=existing,
    )


def no_unique_index(caller: str, table: Table) -> TypeError:
    """Return the error of a method that needs one unique index."""
    names = [index.name for index in table.unique_indexes]
    if names:
        return TypeError(
            f"{caller}() needs a table with one unique index about the job's status, and"
            f" {table.qualified_name} has several: {', '.join(names)}."
        )
    return TypeError(
        f"{caller}() needs a unique index that says which {table.qualified_name} are duplicates,"
        " and Generated/Types.py has none. Write one with `jobgen job NAME … --unique COLUMN`, or"
        " add it to Schema.sql and run `jobgen types`."
    )


@contextmanager
def explaining_nulls(caller: str, table: Table) -> Iterator[None]:
    """Add the argument's name to the database's error about a column without a value."""
    try:
        yield
    except NotNullViolation as error:
        column = error.diag.column_name
        if column is not None and not is_raised_by_user_code(error):
            error.add_note(_null_note(caller, table, column))
        raise


def _null_note(caller: str, table: Table, column: str) -> str:
    if column not in table.columns:
        return (
            f"Generated/Types.py does not know the column {column} of {table.qualified_name}: run "
            "`jobgen types`."
        )
    return (
        f"{caller}() needs a value for `{table.attribute(column)}`: the column {column} of "
        f"{table.qualified_name} is NOT NULL."
    )


def wait_timed_out(
    cls: type, table: Table, key: tuple[object, ...], *, after: timedelta, in_same_kind: bool
) -> WaitTimedOut:
    """Return the error of a job that had not ended in time."""
    hint = (
        "The job that waits has a slot of the same kind: if all slots wait, none is free for the "
        "job that they wait for."
        if in_same_kind
        else "The job goes on. If it does not start, check with `manage-jobs status` that a worker"
        " runs for its kind."
    )
    return WaitTimedOut(
        f"The {cls.__name__} with {describe_key(table, key)} has not ended within "
        f"{duration_text(after)}.",
        hint=hint,
    )


def no_job_to_wait_for(cls: type, table: Table, key: tuple[object, ...]) -> RecordNotFound:
    """Return the error of a wait for a row that is not there."""
    return RecordNotFound(
        f"No {cls.__name__} has {describe_key(table, key)}.",
        hint="It was deleted, or its transaction is not committed yet: commit before you wait.",
    )


def invalid_timeout(caller: str, timeout: object) -> TypeError | ValueError:
    """Return the error of a timeout that is not a duration."""
    message = (
        f"{caller}() takes a timedelta or a number of seconds, 0 or more, as its timeout, or None "
        f"to wait as long as it takes; not {timeout!r}."
    )
    is_number = isinstance(timeout, int | float | timedelta) and not isinstance(timeout, bool)
    return ValueError(message) if is_number else TypeError(message)
