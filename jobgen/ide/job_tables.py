"""What the database knows of the jobs' tables, and new rows in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.ide.sql import read
from jobgen.postgres.databases import connection_failed, invalid_address
from jobgen.schema.model import QualifiedName

MOST_COUNTED = 10_000
"""Jobs are counted up to this number."""

_CONNECT_SECONDS = 3
_READ_MS = 1_000
_INSERT_MS = 5_000

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class JobTable:
    """A job's table in Schema.sql.

    Attributes:
        name: Its name; the schema is "" for the default one, which the database decides.
        columns: The names of its columns.
    """

    name: QualifiedName
    columns: tuple[str, ...]

    @property
    def identifier(self) -> sql.Identifier:
        """Its name in SQL."""
        return sql.Identifier(*filter(None, self.name))


@dataclass(frozen=True, slots=True)
class TableState:
    """What the database has of a job's table.

    Attributes:
        exists: Whether it has the table.
        missing: The columns of Schema.sql that it does not have.
        waiting: How many jobs wait, also for their next attempt; up to `MOST_COUNTED` + 1.
        running: How many run, counted in the same way.
        failed: How many have failed or timed out, counted in the same way.
    """

    exists: bool
    missing: tuple[str, ...] = ()
    waiting: int = 0
    running: int = 0
    failed: int = 0


UPDATE_COMMAND = "jobgen migrate"
"""What an error names as the command that updates the database."""


def shown_count(number: int) -> str:
    """Return a number of jobs; there may be more than are counted."""
    return f"more than {MOST_COUNTED:,}" if number > MOST_COUNTED else f"{number:,}"


def read_states(url: str, tables: Sequence[JobTable]) -> dict[QualifiedName, TableState]:
    """Return the state of each table.

    Raises:
        JobgenError: The database does not answer in time, or refuses to.
    """
    with _connected(url, _READ_MS) as conn:
        return {table.name: _state(conn, table) for table in tables}


def insert_job(url: str, table: JobTable, values: Mapping[str, str]) -> str:
    """Insert a job, and return its id.

    Args:
        url: The address of the database.
        table: The job's table.
        values: The values of its columns as PostgreSQL reads them; a column that is missing
            gets its default.

    Raises:
        JobgenError: The database does not answer in time, or refuses the row.
    """
    query = _statement("insert_default_job").format(table=table.identifier)
    if values:
        query = _statement("insert_job").format(
            table=table.identifier,
            columns=sql.SQL(", ").join(map(sql.Identifier, values)),
            values=sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        )
    with _connected(url, _INSERT_MS) as conn:
        row = conn.execute(query, list(values.values())).fetchone()
    if row is None:
        raise JobgenError("The database has not kept the row: a trigger or a rule rejected it.")
    created: str = row[0]
    return created


def _statement(name: str) -> sql.SQL:
    return sql.SQL(read(name))


def _state(conn: Connection, table: JobTable) -> TableState:
    named = table.identifier.as_string(None)
    rows = conn.execute(_statement("list_columns"), {"table": named}).fetchall()
    if not rows:
        return TableState(exists=False)
    existing = {name for (name,) in rows}
    missing = tuple(name for name in table.columns if name not in existing)
    if "status" not in existing:
        return TableState(exists=True, missing=missing)
    query = _statement("count_jobs").format(table=table.identifier)
    row = conn.execute(query, {"most": MOST_COUNTED + 1}).fetchone()
    assert row is not None  # noqa: S101 -- it has no FROM
    waiting, running, failed = row
    return TableState(True, missing, waiting, running, failed)


@contextmanager
def _connected(url: str, milliseconds: int) -> Iterator[Connection]:
    """Connect in autocommit mode; psycopg's errors in the block become JobgenError."""
    try:
        with psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            client_encoding="utf8",
            application_name="jobgen ide",
        ) as conn:
            conn.execute(_statement("set_timeouts"), {"milliseconds": str(milliseconds)})
            yield conn
    except psycopg.OperationalError as error:
        if error.sqlstate is None:
            raise connection_failed(error) from None
        raise _refused(error) from None
    except psycopg.Error as error:
        if error.sqlstate is None and isinstance(error, psycopg.ProgrammingError):
            raise invalid_address(error) from None
        raise _refused(error) from None


def _refused(error: psycopg.Error) -> JobgenError:
    message = error.diag.message_primary or str(error)
    detail = f" {error.diag.message_detail}" if error.diag.message_detail else ""
    hint = None
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        hint = f"Update the database: run `{UPDATE_COMMAND}`."
    elif isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        hint = "The database is busy, or the table is locked. Try again."
    return JobgenError(f"The database refused it: {message}.{detail}", hint=hint)
