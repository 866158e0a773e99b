"""Completions that the database refuses: what is tried instead, and when they are tried again.

Pure: the clock is injected, and all times are in seconds by it. `replace_refused_completions` tries
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.queue import Claim

FIRST_RETRY_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 900.0
"""Between two attempts to complete a refused job; the delay doubles with each attempt."""


MAX_ESCAPED_CHARACTERS = 50
"""Different characters of an error that are escaped one by one, each known from one refusal."""

_BYTE = re.compile(r"\b0x([0-9a-f]{2})\b")


def with_escaped_character(transition: Transition, reason: str) -> Transition:
    """Return the transition without the character that the database's encoding does not have.

    PostgreSQL refuses the first such character by its bytes, whatever language it says that in:
    'character with byte sequence 0xe2 0x80 0xa6 in encoding "UTF8" has no equivalent in …'. If the
    reason names no character of the error, the transition is returned as it is.
    """
    if not isinstance(transition, Retry | Fail):
        return transition
    character = bytes.fromhex("".join(_BYTE.findall(reason))).decode("utf-8", "replace")
    if len(character) != 1:
        return transition
    return replace(transition, error=transition.error.replace(character, _ascii(character)))


def with_ascii_error(transition: Transition) -> Transition:
    """Return the transition with an error text that a database of any encoding accepts."""
    if not isinstance(transition, Retry | Fail):
        return transition
    return replace(transition, error=_ascii(transition.error))


def replacements(transition: Transition, reason: str) -> list[Fail]:
    """Return what to try, in order, instead of a transition that the database refuses.

    The job fails, and its error tells how the attempt ended and why the database refused that. The
    others have a short error in ASCII, because the error itself may be what is refused.
    """
    told = f"{_ended(transition)}, but the database refused to store that: {reason}"
    status = transition.status if isinstance(transition, Fail) else JobStatus.FAILED
    error = transition.error if isinstance(transition, Retry | Fail) else ""
    statuses = dict.fromkeys((status, JobStatus.FAILED))
    by_operator = isinstance(transition, Fail) and transition.by_operator
    errors = ([f"{error}\n\n{told}"] if error else []) + [_ascii(told)]
    return [Fail(each, text, by_operator) for text in errors for each in statuses]


def wanted_status(transition: Transition) -> JobStatus:
    """Return the status that a transition leads to, as refusals are recorded."""
    match transition:
        case Succeed():
            return JobStatus.SUCCEEDED
        case Fail(status, _):
            return status
        case Retry() | Release() | SnoozeFor():
            return JobStatus.RETRY


@dataclass(slots=True)
class _Refused:
    claim: Claim
    transition: Transition
    retry_at: float
    wait: float


class RefusedCompletions:
    """The jobs of a lane whose attempt has ended and whose completion the database refuses.

    They occupy no slot, and a shutdown does not wait for them.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._refused: dict[int, _Refused] = {}

    def __len__(self) -> int:
        return len(self._refused)

    def __iter__(self) -> Iterator[Claim]:
        return iter([refused.claim for refused in self._refused.values()])

    def __contains__(self, claim: Claim) -> bool:
        known = self._refused.get(claim.key)
        return known is not None and known.claim is claim

    def add(self, claim: Claim, transition: Transition) -> bool:
        """Note a refusal; return whether it is the claim's first one."""
        known = self._refused.get(claim.key)
        is_first = known is None or known.claim is not claim
        wait = FIRST_RETRY_SECONDS if known is None or is_first else known.wait * 2
        wait = min(wait, LONGEST_RETRY_SECONDS)
        self._refused[claim.key] = _Refused(claim, transition, self._clock() + wait, wait)
        return is_first

    def drop(self, key: int) -> bool:
        """Forget the claim of a row that is completed, or claimed again; return if it was known."""
        return self._refused.pop(key, None) is not None

    def clear(self) -> list[tuple[Claim, Transition]]:
        """Forget all claims, and return them with their transitions."""
        refused = [(each.claim, each.transition) for each in self._refused.values()]
        self._refused.clear()
        return refused

    def due(self) -> list[tuple[Claim, Transition]]:
        """Return what to try again now."""
        now = self._clock()
        return [
            (refused.claim, refused.transition)
            for refused in self._refused.values()
            if refused.retry_at <= now
        ]

    def due_at(self) -> float:
        """Return when the first claim is due; infinity without one."""
        return min((refused.retry_at for refused in self._refused.values()), default=float("inf"))


def _ended(transition: Transition) -> str:
    match transition:
        case Succeed():
            return "The job's perform returned"
        case SnoozeFor(delay):
            return f"The job was snoozed for {duration_text(delay)}"
        case Release():
            return "The job was to be released without counting the attempt"
        case Retry():
            return "The attempt failed and the job was to be retried"
        case Fail():
            return "The job failed"


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")
