"""How many jobs are claimed beyond the free slots, and from which position of the claim index."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from jobgen_runtime import JobRecord
from jobgen_runtime.contract.context import Fence
from jobgen_runtime.queue import START, Claim, Position, UnreadableRow
from jobgen_runtime.worker.prefetch import (
    MAX_PREFETCH,
    MAX_PREFETCHED_BYTES,
    SWEEP_SECONDS,
    Cursor,
    Prefetch,
)


def test_only_short_jobs_are_prefetched() -> None:
    pace = Prefetch()
    assert pace.size(16) == 0
    pace.record_duration(10)
    assert pace.size(16) == 0
    for _ in range(200):
        pace.record_duration(0.001)
    pace.record_claim(1000, 100, is_full=True)
    assert 16 < pace.size(16) <= MAX_PREFETCH


def test_prefetch_grows_with_claims_and_starts_over_when_the_queue_was_empty() -> None:
    pace = Prefetch()
    pace.record_duration(0)
    sizes = []
    for _ in range(12):
        sizes.append(pace.size(16))
        pace.record_claim(sizes[-1], 100, is_full=True)
    assert sizes[:5] == [16, 16, 32, 64, 128]
    assert sizes[-1] == MAX_PREFETCH
    pace.record_claim(3, 100, is_full=False)
    assert pace.size(16) == 16


def test_prefetch_grows_although_each_claim_only_tops_up_what_is_held() -> None:
    pace = Prefetch()
    pace.record_duration(0)
    for _ in range(60):
        pace.record_claim(max(pace.size(16) // 4, 1), 100, is_full=True)
    assert pace.size(16) == MAX_PREFETCH


def test_prefetch_shrinks_at_once_as_rows_grow() -> None:
    pace = Prefetch()
    pace.record_duration(0)
    pace.record_claim(MAX_PREFETCH, 100, is_full=True)
    assert pace.size(16) == MAX_PREFETCH
    pace.record_claim(2000, 500_000, is_full=True)
    assert pace.size(16) == MAX_PREFETCHED_BYTES // 500_000
    pace.record_claim(16, 1e9, is_full=True)
    assert pace.size(16) == 0
    for _ in range(200):
        pace.record_claim(16, 100, is_full=True)
    assert pace.size(16) == MAX_PREFETCH


def test_claim_may_be_larger_than_expected_but_not_by_far() -> None:
    pace = Prefetch()
    assert pace.max_bytes(1000) == 2 * MAX_PREFETCHED_BYTES
    pace.record_claim(16, 1000, is_full=True)
    assert pace.max_bytes(1000) == 2 * MAX_PREFETCHED_BYTES
    pace.record_claim(16, 10_000_000, is_full=True)
    assert pace.max_bytes(20) > 20 * 10_000_000


def moment(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def claimed(number: int) -> list[Claim]:
    row = JobRecord.__new__(JobRecord)
    row.run_at = moment(number)
    return [Claim(UUID(int=number), number, Fence(uuid4(), ""), 1, row)]


def test_cursor_advances_with_claims_and_restarts_every_few_seconds() -> None:
    now = 100.0
    cursor = Cursor(lambda: now, advances=True)
    assert cursor.after is START
    assert cursor.advance(claimed(1), 1)
    assert cursor.after == Position(str(moment(1)), UUID(int=1))
    now += SWEEP_SECONDS / 2
    assert cursor.advance(claimed(2), 1)
    assert cursor.after == Position(str(moment(2)), UUID(int=2))
    now += SWEEP_SECONDS / 2
    assert cursor.advance(claimed(3), 1)
    assert cursor.after is START


def test_cursor_of_a_kind_with_priorities_keeps_the_level_for_as_long_as_sweeps_cost() -> None:
    now = 100.0
    cursor = Cursor(lambda: now, advances=True, has_priority=True)
    claims = claimed(1)
    assert isinstance(claims[0].record, JobRecord)
    claims[0].record.__dict__["priority"] = -3
    for seconds, pause in ((0.001, 0.02), (0.01, 0.2), (1, SWEEP_SECONDS)):
        assert cursor.after is START
        cursor.claim_started()
        now += seconds
        cursor.advance(claims, 1)
        assert cursor.after == Position(str(moment(1)), UUID(int=1), priority=-3)
        now += 0.9 * pause
        cursor.advance(claims, 1)
        assert cursor.after is not START
        now += 0.2 * pause
        cursor.advance(claims, 1)


def test_cursor_restarts_after_a_claim_that_was_not_full() -> None:
    cursor = Cursor(lambda: 100.0, advances=True)
    cursor.advance(claimed(1), 1)
    assert cursor.advance([], 1)
    assert cursor.after is START
    assert not cursor.advance([], 1)


def test_cursor_does_not_advance_in_strict_order_or_past_an_undecodable_row() -> None:
    standing = Cursor(lambda: 100.0, advances=False)
    assert standing.advance(claimed(1), 1)
    assert standing.after is START
    moving = Cursor(lambda: 100.0, advances=True)
    unreadable = Claim(UUID(int=1), 1, Fence(uuid4(), ""), 1, UnreadableRow("a date"))
    moving.advance([unreadable], 1)
    assert moving.after is START
