"""The exceptions by which `perform` asks for another result than success or failure."""

from __future__ import annotations

from datetime import timedelta


class Snooze(Exception):
    """Raised by `perform` to run the job again later, without counting this attempt.

    Example: `raise Snooze(for_=timedelta(minutes=5))`.
    """

    def __init__(self, *, for_: timedelta) -> None:
        if not isinstance(for_, timedelta) or for_ < timedelta(0):
            raise ValueError(f"for_ must be a timedelta of zero or more, not {for_!r}.")
        super().__init__(f"snooze for {for_}")
        self.delay = for_

    def __reduce__(self) -> tuple[object, ...]:
        return _snooze, (self.delay,)


class Cancel(Exception):
    """Raised by `perform` to fail the job without another attempt.

    Example: `raise Cancel("the customer is gone")`.
    """

    def __init__(self, reason: str) -> None:
        if not isinstance(reason, str):
            raise TypeError(f"reason must be a str, not {reason!r}.")
        super().__init__(reason)
        self.reason = reason


def _snooze(delay: timedelta) -> Snooze:
    return Snooze(for_=delay)
