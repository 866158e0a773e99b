"""What a lane notes of its attempts, and which of them begin too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.contract.context import Fence
from jobgen_runtime.queue import Claim
from jobgen_runtime.queue.attempts import attempt_parameters
from jobgen_runtime.worker.attempts import is_expired, note_arrival, note_start

from tests.support.shop_types import ProbeJob

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
CLAIMED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def record(run_at: datetime) -> ProbeJob:
    return ProbeJob.build(run_at=run_at, locked_at=CLAIMED)


def claim(number: int = 1) -> Claim:
    return Claim(UUID(int=number), number, Fence(uuid4(), str(CLAIMED)), 3, record(CLAIMED))


@pytest.mark.parametrize(
    ("run_at", "waited", "expected"),
    [
        (CLAIMED - HOUR, timedelta(0), False),
        (CLAIMED - HOUR - SECOND, timedelta(0), True),
        (CLAIMED - HOUR, SECOND, True),
        (CLAIMED, HOUR - SECOND, False),
        (CLAIMED, HOUR + SECOND, True),
        (datetime.min.replace(tzinfo=UTC), HOUR, False),
    ],
)
def test_attempt_expires_by_the_time_until_it_would_begin(
    run_at: datetime, waited: timedelta, expected: bool
) -> None:
    assert is_expired(record(run_at), waited, HOUR) is expected


def test_start_of_an_attempt_is_that_of_its_claim_and_the_time_until_it_had_a_slot() -> None:
    begun, released, unknown = claim(1), claim(2), claim(3)
    note_arrival([begun, released], 10.0)
    assert note_start(begun, 12.5) == timedelta(seconds=2.5)
    found = attempt_parameters(
        [begun, unknown], AttemptOutcome.FAILED, {"errors": ["first", "second"]}
    )
    assert found["claimed_at"] == [str(CLAIMED)] * 2
    assert found["waited"] == [timedelta(seconds=2.5), timedelta(0)]
    assert found["attempt_errors"] == ["first", "second"]
    assert found["attempts"] == [3, 3]
    # Attempts that never began are not recorded when they are released.
    found = attempt_parameters([begun, released, unknown], AttemptOutcome.INTERRUPTED, {})
    assert found["attempts"] == [3]
    assert found["outcomes"] == ["interrupted"]


@pytest.mark.parametrize(
    ("noted", "written", "recorded"),
    [
        (AttemptOutcome.TIMED_OUT, AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT),
        (AttemptOutcome.EXPIRED, AttemptOutcome.FAILED, AttemptOutcome.EXPIRED),
        (AttemptOutcome.SUCCEEDED, AttemptOutcome.FAILED, AttemptOutcome.FAILED),
        (AttemptOutcome.SNOOZED, AttemptOutcome.FAILED, AttemptOutcome.FAILED),
        (AttemptOutcome.SUCCEEDED, AttemptOutcome.SUCCEEDED, AttemptOutcome.SUCCEEDED),
    ],
)
def test_attempt_whose_completion_was_replaced_has_failed(
    noted: AttemptOutcome, written: AttemptOutcome, recorded: AttemptOutcome
) -> None:
    ended = claim()
    note_arrival([ended], 0.0)
    note_start(ended, 0.0)
    assert ended.attempt is not None
    ended.attempt.outcome = noted
    found = attempt_parameters([ended], written, {})
    assert found["outcomes"] == [recorded.value]
