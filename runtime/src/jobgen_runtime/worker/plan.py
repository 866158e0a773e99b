"""When a lane is to claim next."""

from __future__ import annotations

import asyncio
import math

from jobgen_runtime.worker.waits import TROUBLE


class Plan:
    """Moments by the loop's clock, and what they follow from."""

    def __init__(self) -> None:
        self.due_at = -math.inf
        """When it is worth claiming."""
        self.brought_at = -math.inf
        """When a claim last brought something."""
        self.missed = False
        """Whether a row was due at the last look, which no claim has brought since."""
        self.attended = False
        """Whether it relies on being woken."""
        self.streak = 0
        """How many claims, one after another, have said that there may be more."""
        self.full_until = -math.inf
        """Until then, or until it is woken, as many run elsewhere as may."""
        self.shut_until = -math.inf
        """Until then its table is left alone: someone has locked it."""
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Something may be due."""
        self.due_at = self.full_until = -math.inf

    def shut(self) -> None:
        """Leaves its table alone for a while."""
        self.shut_until = self.due_at = self._loop.time() + TROUBLE

    def is_shut(self) -> bool:
        """Whether its table is left alone."""
        return self.shut_until > self._loop.time()

    def claim_at(self) -> float:
        """When it is worth claiming and permitted."""
        return max(self.due_at, self.shut_until)
