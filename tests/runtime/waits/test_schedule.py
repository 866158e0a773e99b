"""When a wait looks at its job without a notification."""

from __future__ import annotations

import pytest
from jobgen_runtime.waits.schedule import LookSchedule


@pytest.mark.parametrize(
    ("is_notified", "longest"), [(True, 5.0), (False, 1.0)], ids=["notified", "polling"]
)
def test_first_look_is_due_at_once_and_intervals_double_up_to_the_longest(
    is_notified: bool, longest: float
) -> None:
    schedule, now, intervals = LookSchedule(100.0), 100.0, []
    for _ in range(9):
        assert schedule.due_at == now
        assert schedule.is_due(now)
        schedule.looked(now, is_notified=is_notified)
        assert not schedule.is_due(now)
        intervals.append(schedule.due_at - now)
        now = schedule.due_at
    expected = [min(0.1 * 2**number, longest) for number in range(9)]
    assert intervals == pytest.approx(expected)


def test_waits_that_began_at_different_times_come_to_share_their_looks() -> None:
    schedules = [LookSchedule(offset / 10) for offset in range(20)]
    now, looks = 0.0, 0
    while now < 60:
        now = min(schedule.due_at for schedule in schedules)
        for schedule in schedules:
            if schedule.is_due(now):
                schedule.looked(now, is_notified=True)
        looks += 40 <= now < 60
    # Two or three in five seconds; each wait by itself has one in five seconds, so all have 80.
    assert 4 <= looks <= 12
