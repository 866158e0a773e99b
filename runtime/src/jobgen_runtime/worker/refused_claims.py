"""The due jobs of one lane that the database refuses to start, and when to try each again.

Pure: the clock is injected. `report_refused_claims` records and logs them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

from jobgen_runtime.queue import RefusedClaim

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 900.0
"""Before a refused job is tried again: doubled each time."""

FIRST_SUSPECT_RETRY_SECONDS = 60.0
"""For a suspect: to try it, the worker lets its running jobs end."""

FIRST_CONFLICT_RETRY_SECONDS = 0.5
LONGEST_CONFLICT_RETRY_SECONDS = 30.0
"""Before a job is tried again that waits for another one to end: doubled each time."""

CONFLICT_PERSISTS_AFTER = 60.0
"""Seconds without progress after which a conflict counts as a refusal."""

MAX_TRIALS = 32
"""Refused jobs that are tried again at the same time."""

MAX_REFUSED = 5000
"""Jobs that a lane leaves alone at most. Beyond that, the kind waits."""

MAX_REPORTS = 10
"""Jobs that are logged for the same reason; the others are only recorded."""


_NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


def without_numbers(reason: str) -> str:
    """Return a reason without the parts that may differ between tries: numbers, times, ids."""
    return _NUMBERS.sub("#", reason)


class Report(Enum):
    """How to report a job that was refused."""

    NONE = auto()
    RECORD = auto()
    """Record it for operators."""
    LOG = auto()
    """Record and log it."""
    LOG_LAST = auto()
    """Record and log it, and say that further jobs are refused for this reason."""


@dataclass(slots=True)
class _Group:
    """Jobs that wait for the same reason. Only the first is tried again, on behalf of all."""

    reason: str
    is_conflict: bool
    progress_at: float
    delay: float
    retry_at: float
    jobs: dict[UUID, bool] = field(default_factory=dict)
    """Each job, and whether it is recorded."""
    on_trial: UUID | None = None
    is_suspect: bool = False

    def try_later(self, now: float) -> None:
        """Schedule the next try, and double the delay for the one after it."""
        self.on_trial, self.retry_at = None, now + self.delay
        longest = LONGEST_CONFLICT_RETRY_SECONDS if self.is_conflict else LONGEST_RETRY_SECONDS
        self.delay = min(2 * self.delay, longest)

    def is_fresh_conflict(self, now: float) -> bool:
        """Return whether the jobs wait for another one to end, and not for long yet."""
        return self.is_conflict and now < self.progress_at + CONFLICT_PERSISTS_AFTER


class RefusedClaims:
    """Which jobs to leave alone, and when to try each again.

    Jobs that wait for the same conflict, as "one running job for each customer", form a group: only
    the first is tried again. Every other refused job is the only one in its group.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[UUID, str] = {}
        self._reports: dict[str, int] = {}
        self._excluded: str | None = None
        self._is_current = True

    def __len__(self) -> int:
        return len(self._group_of)

    @property
    def excluded(self) -> str | None:
        """Return the ids that claims leave alone now, as an array's text; None for none."""
        if not self._is_current:
            trials = {group.on_trial for group in self._groups.values()}
            ids = [job.hex for job in self._group_of if job not in trials]
            self._excluded = f"{{{','.join(ids)}}}" if ids else None
            self._is_current = True
        return self._excluded

    def is_full(self) -> bool:
        """Return whether no further job can be left alone."""
        return len(self) >= MAX_REFUSED

    def refuse(self, claim: RefusedClaim, *, is_suspect: bool = False) -> Report:
        """Leave a job alone for a while; return what to do about it."""
        now, key = self._clock(), claim.conflict or claim.job.hex
        if self._group_of.get(claim.job) != key:
            self._drop(claim.job)
        group = self._groups.get(key)
        was_tried = group is not None and group.on_trial == claim.job
        if group is None:
            group = self._groups[key] = _new_group(claim, now, is_suspect=is_suspect)
        elif was_tried:
            group.try_later(now)
        reason = without_numbers(claim.reason)
        if group.reason != reason:
            group.reason, group.jobs = reason, dict.fromkeys(group.jobs, False)
        is_recorded = group.jobs.setdefault(claim.job, False)
        self._group_of[claim.job] = key
        self._is_current = False
        if group.is_fresh_conflict(now):
            return Report.NONE
        if is_recorded:
            # The record is outdated if the row has changed since.
            return Report.RECORD if was_tried else Report.NONE
        group.jobs[claim.job] = True
        reports = self._reports[reason] = self._reports.get(reason, 0) + 1
        if reports == MAX_REPORTS:
            return Report.LOG_LAST
        return Report.LOG if reports < MAX_REPORTS else Report.RECORD

    def claimed(self, jobs: Iterable[UUID]) -> list[UUID]:
        """Forget jobs that were claimed; return those that are recorded as refused.

        Whatever refused them may have ended, so other jobs with the same reason are tried next.
        """
        now, recorded, reasons = self._clock(), [], set()
        for job in jobs:
            if (key := self._group_of.get(job)) is None:
                continue
            was_recorded, group = self._drop(job)
            if was_recorded:
                recorded.append(job)
            if group and group.is_conflict:
                if key in self._groups:
                    group.progress_at, group.delay = now, FIRST_CONFLICT_RETRY_SECONDS
                    group.retry_at = now + group.delay
            elif group:
                reasons.add(group.reason)
        for group in self._groups.values():
            if group.reason in reasons and not group.is_conflict:
                group.retry_at, group.delay = now, FIRST_RETRY_SECONDS
        if not self:
            self._reports.clear()
        return recorded

    def forget_trials(self, *, suspect: bool = False) -> None:
        """Forget the jobs on trial that a claim of all due rows, or of suspects, did not find.

        Another session has changed, claimed or deleted them.
        """
        for group in list(self._groups.values()):
            if group.on_trial is not None and group.is_suspect == suspect:
                self._drop(group.on_trial)
                group.retry_at = self._clock()

    def start_trials(self) -> bool:
        """Let claims include the jobs that it is time to try again; return whether more are."""
        now, has_started = self._clock(), False
        trials = sum(group.on_trial is not None for group in self._groups.values())
        for group in self._groups.values():
            if trials == MAX_TRIALS:
                break
            if group.on_trial is None and group.retry_at <= now:
                group.on_trial = next(iter(group.jobs))
                trials, has_started, self._is_current = trials + 1, True, False
        return has_started

    def trial_at(self) -> float:
        """Return when it is time to try a job again; infinity if none is refused."""
        waiting = [group for group in self._groups.values() if group.on_trial is None]
        if len(self._groups) - len(waiting) >= MAX_TRIALS:
            return math.inf
        return min((group.retry_at for group in waiting), default=math.inf)

    def retry_conflicts(self) -> None:
        """Try the first job of each conflict again now: a job has ended."""
        for group in self._groups.values():
            if group.is_conflict:
                group.retry_at = min(group.retry_at, self._clock())

    def retry_all(self) -> None:
        """Try all refused jobs again now."""
        for group in self._groups.values():
            group.retry_at = min(group.retry_at, self._clock())

    def has_fresh_conflicts(self) -> bool:
        """Return whether a job waits for another one to end, and not for long yet."""
        now = self._clock()
        return any(group.is_fresh_conflict(now) for group in self._groups.values())

    def _drop(self, job: UUID) -> tuple[bool, _Group | None]:
        """Forget a job; return whether it was recorded, and its group as it was."""
        key = self._group_of.pop(job, None)
        if key is None:
            return False, None
        self._is_current = False
        group = self._groups[key]
        was_recorded = group.jobs.pop(job)
        if group.on_trial == job:
            group.on_trial = None
        if not group.jobs:
            del self._groups[key]
        return was_recorded, group


def _new_group(claim: RefusedClaim, now: float, *, is_suspect: bool) -> _Group:
    is_conflict = claim.conflict is not None
    if is_conflict:
        delay = FIRST_CONFLICT_RETRY_SECONDS
    else:
        delay = FIRST_SUSPECT_RETRY_SECONDS if is_suspect else FIRST_RETRY_SECONDS
    return _Group(claim.reason, is_conflict, now, 2 * delay, now + delay, is_suspect=is_suspect)
