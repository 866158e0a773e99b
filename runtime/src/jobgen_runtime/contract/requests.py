"""What `perform` raises to say that it is not to be tried again in the ordinary way."""

from __future__ import annotations

from datetime import timedelta


class Snooze(Exception):
    """`raise Snooze(for_=timedelta(minutes=5))`: run me again then; this attempt does not count."""

    def __init__(self, *, for_: timedelta) -> None:
        if not isinstance(for_, timedelta) or for_ < timedelta(0):
            raise ValueError(f"for_ must be a timedelta, not below zero, not {for_!r}")
        super().__init__(f"come back in {for_}")
        self.delay = for_

    def __reduce__(self) -> tuple[object, ...]:
        return _snooze, (self.delay,)


class Cancel(Exception):
    """`raise Cancel("the customer is gone")`: the job has failed, and is not tried again."""

    def __init__(self, reason: str) -> None:
        if not isinstance(reason, str):
            raise TypeError(f"reason must be a str, not {reason!r}")
        super().__init__(reason)
        self.reason = reason


def _snooze(delay: timedelta) -> Snooze:
    return Snooze(for_=delay)
