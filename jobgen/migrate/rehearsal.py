"""Tries additions in a copy of the database, so that PostgreSQL says what can be added and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import psycopg

from jobgen.migrate.difference import Addition, Phase, Report, Step
from jobgen.migrate.restore import run_with_roles
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection

LARGE = 10_000
"""The rows above which a table is rewritten, or locked for long, only with `--yes-block`."""

_PROBE = "jobgen_probe"


class Size(IntEnum):
    """How many rows a table has."""

    EMPTY = 0
    SMALL = 1
    LARGE = 2


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The results of trying additions in the copy.

    Attributes:
        steps: The statements that can be run on the database, in this order.
        refused: Why the other additions cannot be.
    """

    steps: tuple[Step, ...]
    refused: tuple[Report, ...]


class _HeldBackError(Exception):
    """An addition is possible and left to a person."""


def rehearse(
    conn: Connection,
    additions: Sequence[Addition],
    size_of: Callable[[str], Size],
    *,
    may_block: bool,
) -> Rehearsal:
    """Run additions in the copy, again and again until no more of them succeed.

    Args:
        conn: A superuser's connection to the copy, in autocommit mode.
        additions: The additions, in pg_dump's order. One that needs a later one is tried again.
        size_of: Returns the size of an existing table, quoted and qualified.
        may_block: Whether large tables may be rewritten, or read while writes are blocked.
    """
    pending = list(additions)
    done: list[tuple[Addition, str]] = []
    reasons: dict[str, str] = {}
    progress = True
    while pending and progress:
        progress = False
        for addition in list(pending):
            try:
                warning = _try(conn, addition, size_of, may_block=may_block)
            except _HeldBackError as error:
                reasons[addition.what] = str(error)
                pending.remove(addition)
            except psycopg.Error as error:
                message = error.diag.message_primary or str(error).strip()
                reasons[addition.what] = f"cannot be added: {message}"
            else:
                progress = True
                pending.remove(addition)
                done.append((addition, warning))
    tried = {addition.what for addition, _ in done}
    refused = tuple(
        Report(addition.what, reasons[addition.what], sql=addition.sql)
        for addition in additions
        if addition.what not in tried
    )
    return Rehearsal(tuple(_steps(done, size_of)), refused)


def _try(
    conn: Connection, addition: Addition, size_of: Callable[[str], Size], *, may_block: bool
) -> str:
    """Run an addition in the copy, and return how it blocks a table with rows, "" if it does not.

    Raises:
        _HeldBackError: It blocks a large table, or the rows of a table cannot have it.
    """
    size = size_of(addition.table) if addition.table else Size.EMPTY
    if size is Size.EMPTY:
        run_with_roles(conn, addition.sql)
        return ""
    _probe(conn, addition)
    with conn.transaction():
        before = _files(conn)
        run_with_roles(conn, addition.sql)
        warning = ""
        if any(before.get(table, file) != file for table, file in _files(conn).items()):
            warning = f"rewrites the whole table {addition.table}, and blocks writes meanwhile"
        elif addition.scans and not addition.online:
            warning = f"reads the whole table {addition.table}, and blocks writes meanwhile"
        if warning and size is Size.LARGE and not may_block:
            raise _HeldBackError(
                f"{warning}. The table has more than {LARGE:,} rows:"
                " run `jobgen migrate --yes-block` to allow this"
            )
    return warning


def _files(conn: Connection) -> dict[object, object]:
    """Return the file of each table: a table that was rewritten has another one."""
    return {row[0]: row[1] for row in conn.execute(read("table_files").encode())}


def _probe(conn: Connection, addition: Addition) -> None:
    """Add a column to a table with one row.

    Raises:
        _HeldBackError: The row cannot have the column, as one that is NOT NULL without a default.
    """
    column = addition.sql[0]
    head = f"ALTER TABLE {addition.table} ADD COLUMN "
    if not column.startswith(head):
        return
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(f"CREATE TEMPORARY TABLE {_PROBE} AS SELECT 1 AS {_PROBE}".encode())
            conn.execute(f"ALTER TABLE {_PROBE} ADD COLUMN {column.removeprefix(head)}".encode())
    except psycopg.errors.IntegrityError as error:
        reason = (error.diag.message_primary or "").replace(f' of relation "{_PROBE}"', "")
        raise _HeldBackError(f"the table has rows, and {reason}") from None
    except psycopg.Error:
        return  # It uses other columns, which the probe does not have.


def _steps(done: Iterable[tuple[Addition, str]], size_of: Callable[[str], Size]) -> Iterator[Step]:
    """Yield the statements for the database; what needs an index of a filled table comes last."""
    online: set[int] = set()
    for addition, warning in done:
        filled = bool(addition.table) and size_of(addition.table) is not Size.EMPTY
        if filled and addition.online:
            phase, statements = Phase.ONLINE, addition.online
        elif addition.phase is Phase.TRANSACTION and online.intersection(addition.dependencies):
            phase, statements = Phase.ONLINE, addition.sql
        else:
            phase, statements = addition.phase, addition.sql
        if phase is Phase.ONLINE:
            online.add(addition.dump_id)
        yield Step(addition.what, phase, statements, warning)
