"""Count how the jobs of a drain have ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.queue import Claim

_WORDS = (
    "succeeded",
    "will be retried",
    "failed permanently",
    "timed out permanently",
    "snoozed",
    "released",
)


class DrainTally:
    """Count jobs by the latest transition that was written for each of them."""

    def __init__(self) -> None:
        """Start with no jobs."""
        self._final = Counter[str]()
        self._waiting: dict[int, str] = {}
        """The latest result of each job that may run again in this drain, by its key."""

    def note(self, transition: Transition, claims: Collection[Claim]) -> None:
        """Count jobs that have made this kind of transition."""
        word = _word(transition)
        if isinstance(transition, Succeed | Fail):
            self._final[word] += len(claims)
            if self._waiting:
                for claim in claims:
                    self._waiting.pop(claim.key, None)
        else:
            self._waiting.update((claim.key, word) for claim in claims)

    def __str__(self) -> str:
        numbers = self._final + Counter(self._waiting.values())
        parts = [f"{numbers[word]:,} {word}" for word in _WORDS if numbers[word]]
        return ", ".join(parts) or "no job was due"


def _word(transition: Transition) -> str:
    match transition:
        case Succeed():
            return "succeeded"
        case Retry():
            return "will be retried"
        case Fail(JobStatus.TIMED_OUT, _):
            return "timed out permanently"
        case Fail():
            return "failed permanently"
        case SnoozeFor():
            return "snoozed"
        case Release():
            return "released"
