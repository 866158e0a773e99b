"""Where in the order of a table the next claim begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jobgen_runtime.queue import START, Claim, Position, position

SWEEP = 2.0
"""Seconds, at most, from one claim that begins at the start to the next: so long waits what comes
in behind the cursor (by a transaction that took long, a job put back, a date in the past)."""


class Cursor:
    """Goes on where the last claim ended as long as claims bring all that they ask for.

    So a claim costs the same whatever was claimed before it, also while another session's old
    snapshot keeps all that in the index.
    """

    def __init__(self, clock: Callable[[], float], *, moves: bool) -> None:
        self.after: Position = START
        self._clock = clock
        self._moves = moves
        self._started_at = 0.0

    def move(self, claims: Sequence[Claim], room: int) -> bool:
        """Past these claims, of `room` that were asked for. Whether there may be more."""
        full, swept = len(claims) == room, self.after is START
        if swept:
            self._started_at = self._clock()
        if full and self._moves and self._clock() < self._started_at + SWEEP:
            self.after = position(claims[-1])
        else:
            self.after = START
        return full or not swept
