"""Runs a migration on its database."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from jobgen.errors import JobgenError
from jobgen.migrate.difference import Phase, Step
from jobgen.migrate.migration import Migration
from jobgen.migrate.progress import report_index_progress
from jobgen.migrate.schema_file import SchemaFile, run_schema_file
from jobgen.migrate.script import LOCK_TIMEOUT, SETTINGS
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection
from jobgen.schema.errors import SchemaError

_LOCK_POLL_SECONDS = 0.2
_CONCURRENT_INDEX = re.compile(
    r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?P<name>.+?) ON (?P<table>.+?) USING "
)

_NEEDS_OWN_TRANSACTION = (
    psycopg.errors.ActiveSqlTransaction,
    psycopg.errors.InvalidTransactionTermination,
)

RUNTIME = "the runtime's own schema"
"""The name of what RuntimeSchema.sql creates."""

Tell = Callable[[str], None]


@contextmanager
def migration_lock(conn: Connection, note: Tell) -> Iterator[None]:
    """Keep every other `jobgen migrate` out of the database during the block.

    Args:
        conn: The session that holds the lock.
        note: Receives a line where another session has the lock.
    """
    waiting = False
    # Polled, because a session that waits for a lock holds a snapshot, and a CREATE INDEX
    # CONCURRENTLY of the session that has the lock would wait for that snapshot.
    while not _acquire_lock(conn):
        if not waiting:
            note("Waiting for another `jobgen migrate` on this database ...")
        waiting = True
        time.sleep(_LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute(read("release_migration_lock").encode())


def _acquire_lock(conn: Connection) -> bool:
    row = conn.execute(read("try_migration_lock").encode()).fetchone()
    return row is not None and row[0] is True


def run_migration(conn: Connection, url: str, migration: Migration, done: Tell, note: Tell) -> None:
    """Apply the additions of a migration, phase by phase.

    Args:
        conn: A connection in autocommit mode.
        url: The address of the same database, for a second connection that reads progress.
        migration: The migration.
        done: Receives the name of each addition once it is committed.
        note: Receives a line for each step of a long index build, and for each statement of
            Schema.sql that was not run.

    Raises:
        JobgenError: A statement failed. The message has the statement, the reason and the
            additions that were committed before it.
    """
    committed: list[str] = []

    def finished(what: str) -> None:
        committed.append(what)
        done(what)

    if migration.runtime is not None:
        with _explained(RUNTIME, committed), conn.transaction():
            _set_locally(conn)
            conn.execute(migration.runtime.encode())
        finished(RUNTIME)
    if migration.whole is not None:
        _run_whole(conn, migration.whole, note)
        finished(f"everything in {migration.whole.path}")
    phases = {phase: [step for step in migration.steps if step.phase is phase] for phase in Phase}
    for step in phases[Phase.VALUES]:
        _run_alone(conn, step, committed)
        finished(step.what)
    _run_together(conn, phases[Phase.TRANSACTION], committed)
    for step in phases[Phase.TRANSACTION]:
        finished(step.what)
    for step in phases[Phase.ONLINE]:
        with report_index_progress(url, conn, step.what, note):
            _run_alone(conn, step, committed)
        finished(step.what)


def _run_whole(conn: Connection, schema_file: SchemaFile, note: Tell) -> None:
    """Run Schema.sql in one transaction, or as psql does where that is not possible."""
    try:
        with conn.transaction():
            conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'".encode())
            notes = run_schema_file(conn, schema_file, on_scratch=False)
    except SchemaError as error:
        if not isinstance(error.cause, _NEEDS_OWN_TRANSACTION):
            raise
        place = f"{error.path}:{error.line}"
        note(f"{place}: {error.reason}, so each statement is a transaction, as in psql.")
        notes = _run_one_by_one(conn, schema_file)
    for passed_over in notes:
        note(passed_over)


def _run_one_by_one(conn: Connection, schema_file: SchemaFile) -> tuple[str, ...]:
    conn.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'".encode())
    try:
        return run_schema_file(conn, schema_file, on_scratch=False)
    except SchemaError as error:
        error.message += "\nThe statements before it were run."
        raise


def _run_together(conn: Connection, steps: Iterable[Step], committed: Sequence[str]) -> None:
    with conn.transaction():
        _set_locally(conn)
        for step in steps:
            for statement in step.sql:
                with _explained(statement, committed):
                    conn.execute(statement.encode())


def _run_alone(conn: Connection, step: Step, committed: Sequence[str]) -> None:
    conn.execute(b"SET check_function_bodies = off")
    for number, statement in enumerate(step.sql):
        if number == 1:
            committed = (*committed, f"a part of {step.what}")
        # A concurrent index build waits for other transactions without blocking them.
        if index := _CONCURRENT_INDEX.match(statement):
            conn.execute(b"SET lock_timeout = 0")
            with _explained(statement, committed):
                _build_index(conn, statement, index["name"], index["table"])
            continue
        conn.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'".encode())
        with _explained(statement, committed):
            conn.execute(statement.encode())


def _build_index(conn: Connection, statement: str, name: str, table: str) -> None:
    """Build an index, and leave none that is not valid if that fails.

    An interrupted build leaves an index that is not valid, is not used, and is still updated.
    """
    _drop_invalid_index(conn, name, table)
    try:
        conn.execute(statement.encode())
    except psycopg.Error:
        with contextlib.suppress(psycopg.Error):
            _drop_invalid_index(conn, name, table)
        raise


def _drop_invalid_index(conn: Connection, name: str, table: str) -> None:
    row = conn.execute(read("invalid_index").encode(), (table, name)).fetchone()
    if row is not None:
        conn.execute(f"DROP INDEX CONCURRENTLY {row[0]}".encode())


def _set_locally(conn: Connection) -> None:
    for setting in SETTINGS:
        conn.execute(f"SET LOCAL {setting}".encode())


@contextmanager
def _explained(statement: str, committed: Sequence[str]) -> Iterator[None]:
    """Raise an error of the server as a JobgenError with the statement and what is committed."""
    try:
        yield
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).strip()
        if error.diag.message_detail:
            reason += f" ({error.diag.message_detail})"
        so_far = f"Done before it: {', '.join(committed)}." if committed else "Nothing was changed."
        raise JobgenError(
            f"The database refused a statement: {reason}\n{_indented(statement)}\n{so_far}",
            hint=_hint(error),
        ) from None


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _hint(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return (
            f"Another session held a lock on it for more than {LOCK_TIMEOUT}. Run"
            " `jobgen migrate` again when that session is done."
        )
    if isinstance(error, psycopg.errors.OutOfMemory):
        return "This many objects in one transaction need a higher max_locks_per_transaction."
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return "Connect to the primary server, or as a role without default_transaction_read_only."
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "Run `jobgen migrate` as the owner of these tables."
    if isinstance(error, psycopg.errors.IntegrityError):
        return "Correct the rows that violate it, then run `jobgen migrate` again."
    return error.diag.message_hint or "Correct that, then run `jobgen migrate` again."
