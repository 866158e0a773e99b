"""Decide what a schedule that is due inserts, and when it is due again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jobgen_runtime.schedule.every import Every
from jobgen_runtime.schedule.recurrence import Recurrence

ON_TIME = timedelta(minutes=1)
"""How late a tick may be and yet not count as missed, as after a restart or a failover."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The ticks that insert a job now, in order, and the tick that follows; None: there is none."""

    ticks: tuple[datetime, ...]
    next_at: datetime | None


def decide_ticks(schedule: Recurrence, due_at: datetime | None, now: datetime) -> Decision:
    """Return what a schedule inserts now, and when it is due again.

    Args:
        schedule: The schedule.
        due_at: The tick that is due, not later than `now`; None if the first one is not known yet.
        now: The present, by the database's clock.
    """
    if due_at is None:
        return Decision((), schedule.next_after(now))
    count = schedule.catch_up_limit if schedule.catch_up == "all" else 1
    ticks = schedule.latest_ticks(due_at, now, count)
    next_at = schedule.next_after(ticks[-1])
    if schedule.catch_up == "skip" and now - ticks[-1] > ON_TIME:
        ticks = []
    return Decision(tuple(ticks), next_at)


def corrected_tick(schedule: Recurrence, next_at: datetime, now: datetime) -> datetime | None:
    """Return when a schedule is due next, if not at the `next_at` that was computed before.

    The rules of its time zone may have changed since, or the database's clock was ahead.

    Returns:
        None if `next_at` is right, or has come already.
    """
    following = schedule.next_after(now)
    if next_at <= now or following is None or next_at == following:
        return None
    if isinstance(schedule, Every) and next_at < following:
        # It counts from its last tick.
        return None
    return following
