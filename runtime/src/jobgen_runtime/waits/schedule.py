"""When a wait looks at its job without having been notified; pure.

Completions notify, but a job can end or disappear in ways that do not: by SQL, by an operator, by a
worker of an older version, or by a statement that was in progress when the wait began. Such ends
are found by looking.
"""

from __future__ import annotations

FIRST_INTERVAL = 0.1
LONGEST_INTERVAL = 5.0
LONGEST_INTERVAL_WITHOUT_NOTIFICATIONS = 1.0
"""Seconds between two looks; the interval doubles with each."""


class LookSchedule:
    """The next look of one wait. Times are those of `time.monotonic`.

    Args:
        start: When the wait begins, which is when its first look is due.
    """

    def __init__(self, start: float) -> None:
        self.due_at = start
        self._interval = FIRST_INTERVAL

    def is_due(self, now: float) -> bool:
        """Return whether to look, if one statement looks for many waits at this time anyway.

        That is so some time before `due_at`, so that waits come to share their statements.
        """
        return now >= self.due_at - self._interval / 4

    def looked(self, now: float, *, is_notified: bool) -> None:
        """Note a look, and schedule the next one.

        Args:
            now: The time.
            is_notified: Whether the completions of the job's table notify.
        """
        self.due_at = now + self._interval
        longest = LONGEST_INTERVAL if is_notified else LONGEST_INTERVAL_WITHOUT_NOTIFICATIONS
        self._interval = min(2 * self._interval, longest)
