"""When an exited worker process is started again."""

from __future__ import annotations

from collections import deque

MAX_RESTARTS = 5
"""The most restarts of one process within WINDOW_SECONDS."""

WINDOW_SECONDS = 60.0

FIRST_DELAY = 0.2
"""Seconds before the first restart within the window; each further delay is twice the last."""


class RestartPolicy:
    """Delay the restarts of one process, and give up on one that keeps crashing.

    A broken process must neither load the machine nor go unnoticed.
    """

    def __init__(self) -> None:
        self._exits: deque[float] = deque()

    def delay_after_exit(self, now: float) -> float | None:
        """Record an exit at `now` and return the seconds to wait before the restart.

        Returns:
            None if the process has exited too often within the window.
        """
        self._exits.append(now)
        while self._exits[0] < now - WINDOW_SECONDS:
            self._exits.popleft()
        exits = len(self._exits)
        return FIRST_DELAY * 2 ** (exits - 1) if exits <= MAX_RESTARTS else None
