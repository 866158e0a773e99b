"""The claims that one claiming statement returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg import AsyncCursor, Error
from psycopg.abc import Transformer
from psycopg.pq import Format
from psycopg.pq.abc import PGresult
from psycopg.rows import RowMaker

from jobgen_runtime.contract.context import Fence
from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.infinity import infinity_transformer
from jobgen_runtime.record import JobRecord

_UNREADABLE = (Error, ValueError, OverflowError, JobgenRuntimeError)


@dataclass(slots=True, eq=False)
class Claim:
    """A row that this worker holds.

    `id` and `fence` identify it when it is completed. They are kept apart from the record, which
    user code may change. `key` is the id as text. `record` is an UnreadableRow if the row could not
    be decoded.
    """

    id: UUID
    key: str
    fence: Fence
    attempts: int
    record: JobRecord | UnreadableRow = field(repr=False)

    def take_record(self) -> JobRecord | UnreadableRow:
        """Return the record, once: the claim outlives it until its completion is written."""
        record = self.record
        del self.record
        return record


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the order of claims: by run_at, then id."""

    run_at: str
    id: UUID


START = Position("-infinity", UUID(int=0))
"""The position before all rows."""


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """Why a claimed row could not be decoded: a date beyond Python's, an unknown enum value."""

    error: str


def position(claim: Claim) -> Position:
    """Return a row's position when it was claimed; START if the row could not be decoded."""
    record = claim.record
    if isinstance(record, UnreadableRow):
        return START
    return Position(str(record.run_at), claim.id)


async def read_claims(
    cursor: AsyncCursor[JobRecord],
    make: RowMaker[JobRecord],
    columns: tuple[str, ...],
    worker: UUID,
) -> list[Claim]:
    """Return the claims of one result. A row that cannot be decoded does not affect the others."""
    try:
        return _claims(await cursor.fetchall(), worker)
    except _UNREADABLE:
        if cursor.pgresult is None:
            raise
        rows = infinity_transformer(cursor)
    return list(_one_by_one(cursor.pgresult, rows, make, columns, worker))


def _claims(records: Sequence[JobRecord], worker: UUID) -> list[Claim]:
    if not records:
        return []
    claimed_at = next(record.updated_at for record in records if record.updated_at)
    fence, shared = Fence(worker, str(claimed_at)), _shared_values(worker, claimed_at)
    changed = [record.locked_at for record in records]
    for record in records:
        record.__dict__.update(shared)
    claims = [
        Claim(record.id, record.id.hex, fence, record.attempts_count, record) for record in records
    ]
    if changed.count(None) < len(changed):
        for claim, record, locked_at in zip(claims, records, changed, strict=True):
            if locked_at is not None:
                claim.fence, record.locked_at = Fence(worker, str(locked_at)), locked_at
    return claims


def _shared_values(worker: UUID, claimed_at: datetime) -> dict[str, object]:
    """Return the values that one claim set alike in all its rows, for their records."""
    return {
        "updated_at": claimed_at,
        "status": JobStatus.RUNNING,
        "locked_at": claimed_at,
        "locked_by": worker,
    }


def _one_by_one(
    result: PGresult,
    rows: Transformer,
    make: RowMaker[JobRecord],
    columns: tuple[str, ...],
    worker: UUID,
) -> Iterator[Claim]:
    def cell(row: int, column: str) -> bytes:
        return result.get_value(row, columns.index(column)) or b""

    claimed_at = next(filter(None, (cell(row, "updated_at") for row in range(result.ntuples))))
    load = rows.get_loader(result.ftype(columns.index("locked_at")), Format.TEXT).load
    shared = _shared_values(worker, load(claimed_at))
    for row in range(result.ntuples):
        record: JobRecord | UnreadableRow = UnreadableRow("The row is missing.")
        try:
            loaded = rows.load_row(row, make)
        except _UNREADABLE as reason:
            record = UnreadableRow(f"The row cannot be decoded: {type(reason).__name__}: {reason}")
        else:
            if loaded is not None:
                locked_at = loaded.locked_at or shared["locked_at"]
                loaded.__dict__.update(shared, locked_at=locked_at)
                record = loaded
        fence = Fence(worker, (cell(row, "locked_at") or claimed_at).decode())
        job = UUID(cell(row, "id").decode())
        yield Claim(job, job.hex, fence, int(cell(row, "attempts_count")), record)
