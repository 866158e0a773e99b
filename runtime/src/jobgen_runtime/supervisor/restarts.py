"""When a process that has ended is started again."""

from __future__ import annotations

from collections import deque

LIMIT = 5
"""Restarts within WINDOW, at most."""

WINDOW = 60.0

FIRST_WAIT = 0.2
"""Seconds before the first restart within WINDOW; each further wait is twice the last."""


class Restarts:
    """Of one process, so that a broken one neither loads the machine nor stays unnoticed."""

    def __init__(self) -> None:
        self._ends: deque[float] = deque()

    def wait(self, now: float) -> float | None:
        """The seconds to wait, now that it has ended; None: it has ended too often."""
        self._ends.append(now)
        while self._ends[0] < now - WINDOW:
            self._ends.popleft()
        ends = len(self._ends)
        return FIRST_WAIT * 2 ** (ends - 1) if ends <= LIMIT else None
