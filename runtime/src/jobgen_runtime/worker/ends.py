"""What has ended in a lane and is not in the database yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from jobgen_runtime.contract import Transition
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.waits import TROUBLE


class Ends:
    """What the row of each claim that has ended is to become."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all: dict[Claim, Transition] = {}
        self._put_off: dict[Claim, float] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._all)

    def __contains__(self, claim: Claim) -> bool:
        return claim in self._all

    def items(self) -> Iterable[tuple[Claim, Transition]]:
        """Each claim with what its row is to become."""
        return self._all.items()

    def add(self, claim: Claim, transition: Transition) -> None:
        """It has ended."""
        self._all[claim] = transition

    def drop(self, claim: Claim) -> bool:
        """It is written, or not to be written any more. False: that was known."""
        self._put_off.pop(claim, None)
        return self._all.pop(claim, None) is not None

    def clear(self) -> None:
        """Nothing of it is to be written any more."""
        self._all.clear()
        self._put_off.clear()

    def put_off(self, claims: Iterable[Claim]) -> None:
        """The database would not take them: later once more."""
        until = self._clock() + TROUBLE
        self._put_off.update((claim, until) for claim in claims)

    def due(self) -> Mapping[Claim, Transition]:
        """What is to be written now."""
        if not self._put_off:
            return self._all
        now = self._clock()
        return {c: end for c, end in self._all.items() if self._put_off.get(c, now) <= now}

    def due_at(self) -> float:
        """When the first of what was put off is due; if nothing was, at any time."""
        return min(self._put_off.values(), default=-math.inf)
