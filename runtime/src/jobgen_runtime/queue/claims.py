"""What a claim brings."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncCursor, Error
from psycopg.abc import Transformer
from psycopg.rows import RowMaker

from jobgen_runtime.contract import JobgenRuntimeError
from jobgen_runtime.database.infinite import tolerant
from jobgen_runtime.record import JobRecord

_UNREADABLE = (Error, ValueError, OverflowError, JobgenRuntimeError)


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A row that this worker holds. `id` and `locked_at` are the fence of what it writes later.

    They are kept apart from the record, which belongs to the user's code and may be changed.
    `record` is the reason instead where the row could not be read into one.
    """

    id: UUID
    locked_at: str
    attempts: int
    record: JobRecord | UnreadableRow


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """Why a claimed row is no record: a date beyond Python's, an enum value it does not know."""

    error: str


async def read_claims(
    cursor: AsyncCursor[JobRecord], make: RowMaker[JobRecord], columns: tuple[str, ...]
) -> list[Claim]:
    """The claims of a result; a row that cannot be read spoils no other."""
    try:
        return [_claim(record) for record in await cursor.fetchall()]
    except _UNREADABLE:
        rows = tolerant(cursor)
    return [_read_one(cursor, rows, row, make, columns) for row in range(cursor.rowcount)]


def _read_one(
    cursor: AsyncCursor[JobRecord],
    rows: Transformer,
    row: int,
    make: RowMaker[JobRecord],
    columns: tuple[str, ...],
) -> Claim:
    try:
        record = rows.load_row(row, make)
        if record is not None:
            return _claim(record)
        error = "the row is missing from the answer"
    except _UNREADABLE as reason:
        error = f"{type(reason).__name__}: {reason}"

    def text(column: str) -> str:
        value = cursor.pgresult and cursor.pgresult.get_value(row, columns.index(column))
        return (value or b"").decode()

    return Claim(
        UUID(text("id")),
        text("locked_at"),
        int(text("attempts_count")),
        UnreadableRow(f"The row cannot be read: {error}"),
    )


def _claim(record: JobRecord) -> Claim:
    locked_at = record.locked_at.isoformat() if record.locked_at else ""
    return Claim(record.id, locked_at, record.attempts_count, record)
