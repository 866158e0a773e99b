"""The claims that one claiming statement returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor
from psycopg.abc import Transformer
from psycopg.pq import Format
from psycopg.pq.abc import PGresult
from psycopg.rows import RowMaker

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.context import Fence
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.adapters import RowDecoder, own_alias
from jobgen_runtime.executor.error_text import shorten
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.priority import ABOVE_ALL_PRIORITIES
from jobgen_runtime.record import JobRecord

SAMPLED_ROWS = 8
"""Rows of a claim whose bytes are counted."""


@dataclass(slots=True)
class Attempt:
    """What a lane notes of an attempt, if its kind has keep_attempts or expires_after.

    Attributes:
        received_at: When the claim arrived, by the loop's clock.
        waited: The seconds from then until the attempt began; None if it never did.
        outcome: How it ended; None if it has not.
    """

    received_at: float
    waited: float | None = None
    outcome: AttemptOutcome | None = None


@dataclass(slots=True, eq=False)
class Claim:
    """A row that this worker holds.

    `id` and `fence` identify it when it is completed. They are kept apart from the record, which
    user code may change. `key` is the id as a number, which is hashed ten times as fast. `record`
    is an UnreadableRow if the row could not be decoded. `attempt` is None where its lane notes
    nothing.
    """

    id: UUID
    key: int
    fence: Fence
    attempts: int
    record: JobRecord | UnreadableRow = field(repr=False)
    attempt: Attempt | None = field(default=None, repr=False)

    def take_record(self) -> JobRecord | UnreadableRow:
        """Return the record, once: the claim outlives it until its completion is written."""
        record = self.record
        del self.record
        return record


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the order of claims: by priority from the highest, then run_at, then id.

    `priority` is above all priorities for a kind without them.
    """

    run_at: str
    id: UUID
    priority: int = ABOVE_ALL_PRIORITIES


START = Position("-infinity", UUID(int=0))
"""The position before all rows."""


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """Why a claimed row could not be decoded: a date beyond Python's, an unknown enum value."""

    error: str


def position(claim: Claim, *, has_priority: bool) -> Position:
    """Return a row's position when it was claimed; START if the row could not be decoded."""
    record = claim.record
    if isinstance(record, UnreadableRow):
        return START
    if has_priority:
        return Position(str(record.run_at), claim.id, record.__dict__["priority"])
    return Position(str(record.run_at), claim.id)


class ClaimCursor:
    """A cursor for claims of one table, which caches how to decode its columns.

    The columns that every job has are decoded by the runtime. The application's own loaders hold
    for the others; whatever they raise affects their row only.
    """

    def __init__(
        self,
        connection: AsyncConnection[Any],
        columns: tuple[str, ...],
        make: RowMaker[JobRecord],
    ) -> None:
        self.connection = connection
        self._columns = columns
        self._make = make
        self._cursor = AsyncCursor(connection)
        self._rows = RowDecoder(connection, columns, JOB_COLUMNS)

    async def claim(
        self,
        query: bytes,
        parameters: Mapping[str, Any],
        worker: UUID,
        *,
        prepare: bool | None = None,
    ) -> list[Claim]:
        """Execute a claiming statement and return its claims; `prepare` is the driver's."""
        await self._cursor.execute(query, parameters, prepare=prepare)
        result = self._cursor.pgresult
        return [] if result is None or not result.ntuples else self._read(result, worker)

    def mean_row_bytes(self) -> float:
        """Return the bytes of a row in the mean of a few rows of the latest claim; 0 without."""
        result = self._cursor.pgresult
        if result is None or not result.ntuples:
            return 0
        rows = range(0, result.ntuples, -(-result.ntuples // SAMPLED_ROWS))
        columns = range(result.nfields)
        sizes = (len(result.get_value(row, column) or b"") for row in rows for column in columns)
        return sum(sizes) / len(rows)

    def _read(self, result: PGresult, worker: UUID) -> list[Claim]:
        try:
            rows = self._rows.decoder(result).load_rows(0, result.ntuples, self._make)
        except (MemoryError, KeyboardInterrupt):
            raise
        except BaseException:  # noqa: BLE001 -- whatever a loader raises
            rows_with_infinity = self._rows.decoder_with_infinity(result)
            return list(_one_by_one(result, rows_with_infinity, self._make, self._columns, worker))
        return _claims(rows, worker)


def _claims(records: Sequence[JobRecord], worker: UUID) -> list[Claim]:
    # Attributes cost three times as much, because records define __getattr__.
    rows = [record.__dict__ for record in records]
    claimed_at = next(row["updated_at"] for row in rows if row["updated_at"])
    shared_fence, claims = Fence(worker, str(claimed_at)), []
    for record, row in zip(records, rows, strict=True):
        locked_at, job = row["locked_at"], row["id"]
        fence = Fence(worker, str(locked_at)) if locked_at else shared_fence
        _complete_row(row, worker, claimed_at)
        claims.append(Claim(job, job.int, fence, row["attempts_count"], record))
    return claims


def _complete_row(row: dict[str, Any], worker: UUID, claimed_at: datetime) -> None:
    """Set what the statement did not return with each row: see `table/compose.py`."""
    row["updated_at"] = claimed_at
    row["status"] = JobStatus.RUNNING
    row["locked_by"] = worker
    if row["locked_at"] is None:
        row["locked_at"] = claimed_at


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
    load = rows.get_loader(own_alias(result.ftype(columns.index("locked_at"))), Format.TEXT).load
    shared_locked_at = load(claimed_at)
    for row in range(result.ntuples):
        record: JobRecord | UnreadableRow = UnreadableRow("The row is missing.")
        try:
            loaded = rows.load_row(row, make)
        except (MemoryError, KeyboardInterrupt):
            raise
        except BaseException as reason:  # noqa: BLE001 -- whatever a loader raises
            record = UnreadableRow(_describe(reason))
        else:
            if loaded is not None:
                _complete_row(loaded.__dict__, worker, shared_locked_at)
                record = loaded
        fence = Fence(worker, (cell(row, "locked_at") or claimed_at).decode())
        job = UUID(cell(row, "id").decode())
        yield Claim(job, job.int, fence, int(cell(row, "attempts_count")), record)


def _describe(reason: BaseException) -> str:
    try:
        text = f"{type(reason).__name__}: {reason}"
    except Exception:  # noqa: BLE001 -- an exception that cannot be printed is an error too
        text = type(reason).__name__
    return shorten(f"The row cannot be decoded: {text}")
