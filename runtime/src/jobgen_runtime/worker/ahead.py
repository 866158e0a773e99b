"""How far ahead of its free slots a busy lane claims."""

from __future__ import annotations

HORIZON = 0.03
"""Seconds of work to hold ready: a few round trips, so that no slot waits for one."""

CAP = 3000
"""Jobs, however short they are."""

_WEIGHT = 0.1
"""Of the latest job in the running mean."""


class Pace:
    """The running mean of a lane's job times."""

    def __init__(self) -> None:
        self._mean: float | None = None

    def note(self, seconds: float) -> None:
        """A job took that long."""
        if self._mean is None:
            self._mean = seconds
        else:
            self._mean += _WEIGHT * (seconds - self._mean)

    def ahead(self, slots: int) -> int:
        """What `slots` get through within HORIZON; nothing as long as that is not known."""
        if self._mean is None:
            return 0
        return min(int(slots * HORIZON / max(self._mean, 1e-9)), CAP)
