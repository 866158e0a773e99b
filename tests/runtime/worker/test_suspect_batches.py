"""How many suspects are claimed at once."""

from __future__ import annotations

from jobgen_runtime.executor.quarantine import QUARANTINE_PROCESSES
from jobgen_runtime.worker.suspect_batches import (
    MAX_CLAIMED_SUSPECTS,
    QUICK_SECONDS,
    SuspectBatches,
)


def test_more_suspects_are_claimed_at_once_while_they_end_quickly() -> None:
    batches, now, claimed = SuspectBatches(), 100.0, []
    for _ in range(5):
        claimed.append(batches.room(0, now, kinds=1))
        batches.claimed(now, is_full=True)
        now += QUICK_SECONDS / 2
    assert claimed == [4, 4, 8, 16, 16]
    assert claimed[-1] == MAX_CLAIMED_SUSPECTS
    # Those that are left run longer.
    assert not batches.may_claim(MAX_CLAIMED_SUSPECTS // 2 + 1)
    assert batches.room(QUARANTINE_PROCESSES, now + QUICK_SECONDS, kinds=1) == 0


def test_few_suspects_are_claimed_at_once_after_a_crash_or_of_several_kinds() -> None:
    batches = SuspectBatches()
    for moment in range(3):
        batches.claimed(moment * QUICK_SECONDS / 10, is_full=True)
    assert batches.room(0, QUICK_SECONDS / 2, kinds=1) > QUARANTINE_PROCESSES
    assert batches.room(0, QUICK_SECONDS / 2, kinds=2) == QUARANTINE_PROCESSES
    batches.crashed()
    batches.claimed(QUICK_SECONDS / 2, is_full=True)
    assert batches.room(0, QUICK_SECONDS / 2, kinds=1) == 1
    assert not batches.may_claim(1)
    batches.reset()
    assert batches.room(0, QUICK_SECONDS * 9, kinds=1) == QUARANTINE_PROCESSES
