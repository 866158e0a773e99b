"""Runs suspects alone, so that a job that kills its worker takes no other with it."""

from __future__ import annotations

import math

from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

PATIENCE = 60.0
"""Seconds that a suspect keeps others from starting, at most: once for the rest to end, and once
while it runs itself. A job of hours must not stop all the others for hours."""


class Quarantine:
    """While there is one, nothing else is claimed.

    First it waits for what runs to end, then its suspect runs; it is over when that has ended.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.lane: Lane | None = None
        self.started = False
        self.until = math.inf
        """When it goes on even so, by the loop's clock."""

    def begin(self, lane: Lane, now: float) -> None:
        """Waits for the other jobs to end."""
        self.lane, self.started, self.until = lane, False, now + PATIENCE

    def start(self, now: float) -> None:
        """The suspect runs."""
        self.started, self.until = True, now + PATIENCE

    def end(self) -> None:
        """All may start again."""
        self.lane, self.started, self.until = None, False, math.inf

    def waits(self, now: float) -> bool:
        """Whether it has to wait on, for the others or for its suspect."""
        return now < self.until and not all(lane.idle() for lane in self._lanes)
