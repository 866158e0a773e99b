"""How many jobs a lane claims ahead of its free slots, and from which row its next claim starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jobgen_runtime.queue import START, Claim, Position, position

HORIZON_SECONDS = 0.03
"""Work to hold ready: a few round trips' worth, so that no slot waits for a claim."""

MAX_PREFETCH = 3000
"""Jobs, however short they are."""

MAX_PREFETCHED_BYTES = 32_000_000
"""The bytes of these jobs' rows, about."""

SWEEP_SECONDS = 2.0
"""The longest time between two claims that start at the first row. A row that appears behind the
cursor (late commit, released job, run_at in the past) waits at most this long."""

SWEEP_PAUSE = 20
"""With priorities, claims start at the first row again after this many times the duration of the
last one that did, if that is sooner. So these take a twentieth of the time at most, and a job that
is raised to the priority that workers are draining soon gets its place."""

_NEWEST_WEIGHT = 0.1
"""The share of the latest job in the running mean."""


class Prefetch:
    """Derive the number of jobs to hold ready from the running mean of their durations.

    Claims grow from the number of slots: each is at most as large as all before it together, so
    that the size of the rows is known before many are claimed. They start over when the queue was
    empty, because the next rows may be larger.
    """

    def __init__(self) -> None:
        self._mean: float | None = None
        self._row_bytes = 0.0
        self._claimed = 0

    def record_duration(self, seconds: float) -> None:
        """Add one job's duration to the running mean."""
        if self._mean is None:
            self._mean = seconds
        else:
            self._mean += _NEWEST_WEIGHT * (seconds - self._mean)

    def record_claim(self, rows: int, row_bytes: float, *, is_full: bool) -> None:
        """Note a claim's rows, and the bytes of one in the mean. Larger rows count at once."""
        self._claimed = self._claimed + rows if is_full else rows
        if rows:
            change = row_bytes - self._row_bytes
            self._row_bytes += change if change > 0 else _NEWEST_WEIGHT * change

    def max_bytes(self, rows: int) -> int:
        """Return how large the rows of a claim may be.

        That is above the size expected of that many rows, because sizes vary, but not far above:
        the rows that are known may be small, and those that follow large.
        """
        return max(2 * MAX_PREFETCHED_BYTES, int(3 * rows * self._row_bytes))

    def size(self, slots: int) -> int:
        """Return how many jobs `slots` process within the horizon; 0 before the first has ended."""
        if self._mean is None:
            return 0
        by_time = int(slots * HORIZON_SECONDS / max(self._mean, 1e-9))
        by_bytes = int(MAX_PREFETCHED_BYTES / max(self._row_bytes, 1))
        by_growth = max(self._claimed, slots)
        return min(by_time, by_bytes, by_growth, MAX_PREFETCH)


class Cursor:
    """Resume each claim where the last one ended, for as long as claims return full batches.

    A claim then costs the same no matter how many rows were claimed before it, even while an old
    snapshot of another session keeps those in the index.
    """

    def __init__(
        self, clock: Callable[[], float], *, advances: bool, has_priority: bool = False
    ) -> None:
        """Start at the first row; `advances=False` keeps every claim there.

        With priorities, the first row is that of the highest, and only the rows of one priority are
        passed over: higher ones are always read from their first row.
        """
        self.after: Position = START
        self._clock = clock
        self._advances = advances
        self._has_priority = has_priority
        self._sweep_after = SWEEP_SECONDS
        self._started_at = 0.0
        self._swept_at = 0.0

    def restart(self) -> None:
        """Start the next claim at the first row."""
        self.after = START

    def claim_started(self) -> None:
        """Note that a claim is sent."""
        self._started_at = self._clock()

    def advance(self, claims: Sequence[Claim], limit: int) -> bool:
        """Move past the claims of one statement, and return whether more rows may be due.

        Args:
            claims: What the statement returned, before any of these jobs has started: a job may
                change its record.
            limit: How many rows the statement asked for.
        """
        is_full, was_sweep, now = len(claims) == limit, self.after is START, self._clock()
        if was_sweep:
            self._swept_at = now
            if self._has_priority:
                self._sweep_after = min(SWEEP_SECONDS, SWEEP_PAUSE * (now - self._started_at))
        if is_full and self._advances and now < self._swept_at + self._sweep_after:
            self.after = position(claims[-1], has_priority=self._has_priority)
        else:
            self.after = START
        return is_full or not was_sweep
