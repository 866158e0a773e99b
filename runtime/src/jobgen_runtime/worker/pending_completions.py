"""Completions of one lane that are not in the database yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from jobgen_runtime.contract.transitions import Transition
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.schedule import RETRY_FAILED_SECONDS


class PendingCompletions(dict[Claim, Transition]):
    """The transition to write for each claim that has ended.

    It is a dict because a worker looks into it several times for each job.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start without any; `clock` returns seconds."""
        super().__init__()
        self._clock = clock
        self._deferred: dict[Claim, float] = {}
        self._tries: dict[Claim, int] = {}

    def drop(self, claim: Claim) -> bool:
        """Forget a claim that is written or lost; return False if it was not pending."""
        if self._deferred:
            self._deferred.pop(claim, None)
        if self._tries:
            self._tries.pop(claim, None)
        return self.pop(claim, None) is not None

    def drop_all(self, claims: Iterable[Claim]) -> list[Claim]:
        """Forget claims that are written or lost; return those that were pending."""
        if self._deferred or self._tries:
            return [claim for claim in claims if self.drop(claim)]
        pop = self.pop
        return [claim for claim in claims if pop(claim, None) is not None]

    def clear(self) -> None:
        """Forget all claims."""
        super().clear()
        self._deferred.clear()
        self._tries.clear()

    def defer(self, claims: Iterable[Claim]) -> None:
        """Write these later, because the database refused them or their rows are locked."""
        until = self._clock() + RETRY_FAILED_SECONDS
        self._deferred.update((claim, until) for claim in claims if claim in self)

    def count_try(self, claim: Claim) -> int:
        """Count a try to write a claim that failed; return how many did."""
        self._tries[claim] = self._tries.get(claim, 0) + 1
        return self._tries[claim]

    def due(self) -> Mapping[Claim, Transition]:
        """Return what to write now."""
        if not self._deferred:
            return self
        now = self._clock()
        return {
            claim: transition
            for claim, transition in self.items()
            if self._deferred.get(claim, now) <= now
        }

    def due_at(self) -> float:
        """Return when the first completion is due; minus infinity if one is not deferred."""
        if len(self._deferred) < len(self):
            return -math.inf
        return min(self._deferred.values(), default=-math.inf)
