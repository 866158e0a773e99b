"""When a lane fetches next. Pure: the clock is injected, and all times are in seconds by it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

IDLE_AFTER_SECONDS = 0.05
"""Without a due row for this long, the worker asks when the next one is due. Never under load."""

RETRY_LOCKED_ROW_SECONDS = 0.5
"""Before a due row that another session has locked is tried again."""

EXPECTED_JOB_SECONDS = 0.005
"""From one claim to the next while jobs keep arriving in a table whose wakeups are disabled."""

RETRY_CONTENDED_SECONDS = 0.02
"""Before a claim is repeated that found another worker claiming; spread by half either way."""

RETRY_FAILED_SECONDS = 2.0
"""Before a statement that the database refused, or a locked table, is tried again."""

FAILING_AFTER_CLAIMS = 3
"""Refused claims in a row after which the end of a drain does not wait for the kind."""

MAX_CONTENDED_CLAIMS = 5
"""Claims in a row that may collide with other transactions before their rows are looked at."""


class LaneSchedule:
    """When a lane fetches next, and the state that it has learned from its claims."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.due_at = -math.inf
        """When a claim is worthwhile."""
        self.wakeups_enabled = False
        """Whether a change of the table that makes a job due wakes this worker."""
        self.locked_until = -math.inf
        """Until when the table is left alone because another session has locked it."""
        self._clock = clock
        self._received_at = -math.inf
        self._full_claims = 0
        self._limited_until = -math.inf
        self._missed_due_row = False
        self._claimed_at = -math.inf
        self._failed_until = -math.inf
        self._failed_claims = 0
        self._contended_claims = 0
        self._must_narrow = False

    def wake(self) -> None:
        """Fetch at once: a job may be due, or a slot of its global limit may be free."""
        self.due_at = self._limited_until = -math.inf

    def wake_unless_limited(self) -> None:
        """Fetch at once, unless the lane waits for a slot of its global limit."""
        if not self.is_limited():
            self.wake()

    def fetch_at(self, trial_at: float = math.inf) -> float:
        """Return when a claim is worthwhile, and the table is not known to be locked or at fault.

        Args:
            trial_at: When to try a refused job again.
        """
        return max(min(self.due_at, trial_at), self.locked_until, self._failed_until)

    def is_failing(self) -> bool:
        """Return whether the database has refused the last claims, whatever their rows."""
        return self._failed_claims >= FAILING_AFTER_CLAIMS

    def may_claim_at_once(self) -> bool:
        """Return whether a claim may just be repeated that collided with another transaction."""
        return self._contended_claims < MAX_CONTENDED_CLAIMS

    def narrow_next_claim(self) -> None:
        """Let the next claim look for rows that are refused."""
        self._must_narrow = True

    def take_narrowing(self) -> bool:
        """Return whether to look for rows that are refused, once."""
        must_narrow, self._must_narrow = self._must_narrow, False
        return must_narrow

    def is_table_locked(self) -> bool:
        """Return whether the table is left alone because another session has locked it."""
        return self.locked_until > self._clock()

    def was_table_locked(self) -> bool:
        """Return whether the table was locked, and nothing has shown that it is free."""
        return self.locked_until > -math.inf

    def is_limited(self) -> bool:
        """Return whether as many jobs run on all workers as the kind's global limit allows."""
        return self._limited_until > self._clock()

    def is_known_due(self) -> bool:
        """Return whether a job is due as far as is known: the last claim was full, or a wakeup."""
        return self.due_at == -math.inf

    def is_busy(self) -> bool:
        """Return whether several claims in a row left more due: wakeups are not needed."""
        return self._full_claims > 1

    def is_job_expected(self) -> bool:
        """Return whether jobs keep arriving that no wakeup announces."""
        return not self.wakeups_enabled and self._clock() < self._received_at + IDLE_AFTER_SECONDS

    # The results of claims.

    def claim_started(self) -> None:
        """Note a claim before it is sent: a wakeup while it is in progress must not be lost."""
        self.due_at, self._claimed_at = math.inf, self._clock()

    def claim_failed(self) -> None:
        """Note that the database refused the claim, whatever its rows."""
        self._failed_claims += 1
        self.pause_claims()

    def pause_claims(self) -> None:
        """Claim again after a while, whatever happens meanwhile."""
        self._claimed_at = -math.inf
        self.due_at = self._failed_until = self._clock() + RETRY_FAILED_SECONDS

    def claim_answered(self) -> None:
        """Note that the database executed a claim."""
        self.locked_until = -math.inf
        self._failed_claims = self._contended_claims = 0

    def jobs_received(self) -> None:
        """Note that a claim returned jobs."""
        self._received_at, self._missed_due_row = self._clock(), False

    def batch_completed(self, *, more_due: bool) -> None:
        """Note whether a claim that no other worker limited left more rows due."""
        self._full_claims = self._full_claims + 1 if more_due else 0
        if more_due:
            self.wake()

    def claim_contended(self) -> None:
        """Note that another worker was claiming jobs of the kind."""
        self._claimed_at = -math.inf
        self._contended_claims += 1
        spread = random.uniform(0.5, 1.5)  # noqa: S311 -- spreads load
        self._fetch_in(RETRY_CONTENDED_SECONDS * spread)

    def limit_reached(self, *, poll_interval: float) -> None:
        """Note that the kind's global limit is reached: wait to be woken, or for the next poll."""
        self._claimed_at = -math.inf
        # A wakeup since the claim was sent may announce a slot that is free by now.
        if self.due_at == math.inf:
            self.due_at = self._limited_until = self._clock() + poll_interval

    def job_expected(self) -> None:
        """Fetch again shortly."""
        self._fetch_in(EXPECTED_JOB_SECONDS)

    def table_locked(self) -> None:
        """Leave the table alone for a while."""
        self._claimed_at = -math.inf
        self.locked_until = self.due_at = self._clock() + RETRY_FAILED_SECONDS

    def table_unlocked(self) -> None:
        """Note that no other session has locked the table any more."""
        self.locked_until = -math.inf

    # The answers about the next due row.

    def next_due_requested(self) -> None:
        """Forget when the next row is due before asking; a wakeup since the last claim stays."""
        if self.due_at > self._clock():
            self.due_at = math.inf

    def next_due_in(self, seconds: float) -> None:
        """Note when the first waiting row is due; zero or less if it is due now."""
        # It was due when the last claim was sent, which left no row due: another session has locked
        # it or has just committed it, or a trigger or a policy suppressed its UPDATE.
        self._must_narrow |= not self._full_claims and seconds < self._claimed_at - self._clock()
        if self.is_limited():
            self.due_at = min(self.due_at, self._limited_until)
        elif seconds <= 0 and self._missed_due_row:
            self._fetch_in(RETRY_LOCKED_ROW_SECONDS)
        else:
            self._fetch_in(seconds)
            self._missed_due_row = seconds <= 0

    def wakeups_have_been_enabled(self) -> None:
        """Note that changes of the table wake this worker from now on."""
        if not self.wakeups_enabled and self.is_limited():
            self.wake()  # A slot may have become free before wakeups were enabled.
        self.wakeups_enabled = True

    def _fetch_in(self, seconds: float) -> None:
        self.due_at = min(self.due_at, self._clock() + seconds)
