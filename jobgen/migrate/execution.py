"""Runs a migration on its database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import psycopg

from jobgen.errors import JobgenError
from jobgen.migrate.difference import Difference, Phase
from jobgen.migrate.migration import Migration
from jobgen.migrate.progress import index_progress
from jobgen.migrate.reading import Connection
from jobgen.migrate.script import LOCK_TIMEOUT, SETTINGS

_LOCK = "hashtextextended('jobgen_migrate', 0)"
_LOCK_STEP = 0.2
_WITHOUT_LOCK_TIMEOUT = ("CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY")

Tell = Callable[[str], None]


@contextmanager
def only_migration(conn: Connection, note: Tell) -> Iterator[None]:
    """Keep every other `jobgen migrate` out of the database for as long as the block takes."""
    waiting = False
    # Asked for again and again: a session that waits for the lock holds a snapshot, and
    # CREATE INDEX CONCURRENTLY of the session that has the lock would wait for that.
    while not _is_true(conn, f"SELECT pg_try_advisory_lock({_LOCK})"):
        if not waiting:
            note("Another jobgen migrate is at work on this database; waiting for it ...")
        waiting = True
        time.sleep(_LOCK_STEP)
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute(f"SELECT pg_advisory_unlock({_LOCK})".encode())


def _is_true(conn: Connection, query: str) -> bool:
    row = conn.execute(query.encode()).fetchone()
    return row is not None and row[0] is True


def run_migration(conn: Connection, url: str, migration: Migration, done: Tell, note: Tell) -> None:
    """Make the additions, phase by phase; `done` is told of each that stands, `note` of waiting.

    Raises:
        JobgenError: a statement failed; the message says which, why, and what stands.
    """
    stands: list[str] = []

    def finished(what: str) -> None:
        stands.append(what)
        done(what)

    if migration.runtime is not None:
        with _told("the runtime's own schema", stands), conn.transaction():
            _set_locally(conn)
            conn.execute(migration.runtime.encode())
        finished("the runtime's own schema")
    phases = {phase: _of(migration, phase) for phase in Phase}
    for difference in phases[Phase.VALUES]:
        _run_alone(conn, difference, stands)
        finished(difference.what)
    _run_together(conn, phases[Phase.TRANSACTION], stands)
    for difference in phases[Phase.TRANSACTION]:
        finished(difference.what)
    for difference in phases[Phase.ONLINE]:
        with index_progress(url, conn, difference.what, note):
            _run_alone(conn, difference, stands)
        finished(difference.what)


def _of(migration: Migration, phase: Phase) -> list[Difference]:
    return [found for found in migration.comparison.additions if found.phase is phase]


def _run_together(conn: Connection, differences: Iterable[Difference], stands: list[str]) -> None:
    with conn.transaction():
        _set_locally(conn)
        for difference in differences:
            for statement in difference.sql:
                with _told(statement, stands):
                    conn.execute(statement.encode())


def _run_alone(conn: Connection, difference: Difference, stands: list[str]) -> None:
    for statement in difference.sql:
        # An index built concurrently waits for other transactions, which blocks nobody.
        if statement.startswith(_WITHOUT_LOCK_TIMEOUT):
            conn.execute("SET lock_timeout = 0")
        else:
            conn.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'".encode())
        with _told(statement, stands):
            conn.execute(statement.encode())


def _set_locally(conn: Connection) -> None:
    for setting in SETTINGS:
        conn.execute(f"SET LOCAL {setting}".encode())


@contextmanager
def _told(statement: str, stands: list[str]) -> Iterator[None]:
    """Turn the server's error into one that says what failed and what stands."""
    try:
        yield
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).strip()
        if error.diag.message_detail:
            reason += f" ({error.diag.message_detail})"
        so_far = f"Done before it: {', '.join(stands)}." if stands else "Nothing was changed."
        raise JobgenError(
            f"the database refused this: {reason}\n{_indented(statement)}\n{so_far}",
            hint=_hint(error),
        ) from None


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _hint(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return (
            f"Somebody else has held a lock on it for more than {LOCK_TIMEOUT}: run"
            " `jobgen migrate` again when they are done."
        )
    if isinstance(error, psycopg.errors.OutOfMemory):
        return "So many objects in one transaction need a higher max_locks_per_transaction."
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "Let the owner of these tables run `jobgen migrate`."
    if isinstance(error, psycopg.errors.IntegrityError):
        return "Put the rows right that are in the way, then run `jobgen migrate` again."
    return error.diag.message_hint or "Put that right, then run `jobgen migrate` again."
