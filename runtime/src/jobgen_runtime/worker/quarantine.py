"""Run suspects alone, so that a job that kills its worker takes no other job with it."""

from __future__ import annotations

import math

from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

QUARANTINE_SECONDS = 60.0
"""How long a suspect keeps other jobs from starting: once while the running ones end, and once
while it runs itself. A job of hours must not stop all others for hours."""


class Quarantine:
    """While it lasts, nothing else is claimed.

    It first waits for the running jobs to end. Then its suspect runs, and ends the quarantine.
    Times are seconds by the loop's clock.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.lane: Lane | None = None
        """The lane with the suspect; None while there is no quarantine."""
        self.suspect_started = False
        self.until = math.inf
        """When the current phase ends even if its jobs have not."""

    def begin(self, lane: Lane, now: float) -> None:
        """Wait for the running jobs to end."""
        self.lane, self.suspect_started, self.until = lane, False, now + QUARANTINE_SECONDS

    def start_suspect(self, now: float) -> None:
        """Note that the suspect runs."""
        self.suspect_started, self.until = True, now + QUARANTINE_SECONDS

    def end(self) -> None:
        """Let all jobs start again."""
        self.lane, self.suspect_started, self.until = None, False, math.inf

    def must_wait(self, now: float) -> bool:
        """Return whether the running jobs, or the suspect, have time left to end."""
        return now < self.until and self._lanes.are_busy()
