"""How many suspects are claimed at once."""

from __future__ import annotations

from jobgen_runtime.executor.quarantine import QUARANTINE_PROCESSES
from jobgen_runtime.worker.suspect_batches import (
    MAX_CLAIMED_SUSPECTS,
    QUICK_SECONDS,
    SuspectBatches,
)


def claim(batches: SuspectBatches, now: float, *, held: int, kinds: int = 1) -> int:
    """Claim as many as there is room for; return how many are held then."""
    assert batches.may_claim(held)
    count = batches.room(held, now, kinds=kinds)
    batches.claimed(now, before=held, count=count)
    return held + count


def test_more_suspects_are_claimed_at_once_while_they_end_quickly() -> None:
    batches, now, held, seen = SuspectBatches(), 100.0, 0, []
    for _ in range(6):
        held = claim(batches, now, held=held // 2)
        seen.append(held)
        now += QUICK_SECONDS / 2
    assert seen == [4, 4, 8, 16, 16, 16]
    assert held == MAX_CLAIMED_SUSPECTS
    # Those that are left run longer.
    assert not batches.may_claim(MAX_CLAIMED_SUSPECTS // 2 + 1)
    assert batches.room(QUARANTINE_PROCESSES, now + QUICK_SECONDS, kinds=1) == 0


def test_no_more_suspects_are_claimed_at_once_before_any_have_ended() -> None:
    batches = SuspectBatches()
    assert claim(batches, 100.0, held=0) == QUARANTINE_PROCESSES
    assert not batches.may_claim(QUARANTINE_PROCESSES)
    assert claim(batches, 100.1, held=QUARANTINE_PROCESSES - 1) == QUARANTINE_PROCESSES
    assert not batches.may_claim(QUARANTINE_PROCESSES)


def test_few_suspects_are_claimed_at_once_after_a_crash_or_of_several_kinds() -> None:
    batches = SuspectBatches()
    for moment in range(3):
        claim(batches, moment * QUICK_SECONDS / 10, held=0)
    now = QUICK_SECONDS / 2
    assert batches.room(0, now, kinds=1) > QUARANTINE_PROCESSES
    assert batches.room(0, now, kinds=2) == QUARANTINE_PROCESSES
    batches.crashed()
    assert claim(batches, now, held=0) == 1
    assert claim(batches, now, held=0) == 1
    assert not batches.may_claim(1)
    batches.reset()
    assert claim(batches, now, held=0) == QUARANTINE_PROCESSES
    assert not batches.may_claim(QUARANTINE_PROCESSES)
