"""Decide how many suspects run and are claimed at once. Pure: the clock is injected."""

from __future__ import annotations

import math

from jobgen_runtime.executor.quarantine import QUARANTINE_PROCESSES

MAX_CLAIMED_SUSPECTS = 4 * QUARANTINE_PROCESSES
"""Suspects that are claimed at once, at most, while they end quickly. If a worker dies, it may be
because of any of them."""

QUICK_SECONDS = 0.25
"""From one claim of suspects to the next if they end quickly."""


class SuspectBatches:
    """The limits of suspects that run in separate processes at the same time.

    As many are claimed as can run, and more while they end so quickly that claims would be most of
    the work. All times are seconds by the loop's clock.
    """

    def __init__(self) -> None:
        self._processes = self._batch = QUARANTINE_PROCESSES
        self._claimed_at = -math.inf
        self._held = 0
        """How many were held after the last claim."""

    def reset(self) -> None:
        """Start with the usual limits, because no suspects are left."""
        self._processes = self._batch = QUARANTINE_PROCESSES
        self._claimed_at = -math.inf

    def crashed(self) -> None:
        """Note that a suspect has killed its process: perhaps there is no memory for several."""
        self._processes = self._batch = 1

    def may_claim(self, held: int) -> bool:
        """Return whether a claim is worthwhile while `held` suspects run or are about to."""
        return held < self._processes or held <= self._batch // 2

    def room(self, held: int, now: float, *, kinds: int) -> int:
        """Return how many suspects may be claimed.

        Args:
            held: Those that run or are about to.
            now: The time.
            kinds: How many kinds of job have suspects. Each has its own processes.
        """
        if now >= self._claimed_at + QUICK_SECONDS or kinds > 1:
            self._batch = self._processes
        return max(self._batch - held, 0)

    def claimed(self, now: float, *, before: int, count: int) -> None:
        """Note a claim.

        Args:
            now: The time of the claim.
            before: How many suspects were held before it.
            count: How many it returned.
        """
        has_half_ended = before <= self._held // 2
        if has_half_ended and now < self._claimed_at + QUICK_SECONDS and self._processes > 1:
            self._batch = min(2 * self._batch, MAX_CLAIMED_SUSPECTS)
        self._claimed_at, self._held = now, before + count
