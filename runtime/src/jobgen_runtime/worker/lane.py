"""One kind of job on one worker: its slots and the claims it holds."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from jobgen_runtime.contract.attempts import attempt_outcome
from jobgen_runtime.contract.context import JobContext
from jobgen_runtime.contract.outcomes import (
    FAILED_OVER,
    Committed,
    Crashed,
    Failed,
    Interrupted,
    Outcome,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.executor import Deadline, Execution, log_as, variables_factory
from jobgen_runtime.job import Job
from jobgen_runtime.queue import Claim, Endings, JobQueue, Narrowing, Refusals, UnreadableRow
from jobgen_runtime.record import JobRecord
from jobgen_runtime.retry import decide_transition, log_transition
from jobgen_runtime.worker.attempts import (
    expired,
    is_expired,
    note_arrival,
    note_start,
)
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.held_claims import HeldClaims
from jobgen_runtime.worker.lane_errors import LaneErrors
from jobgen_runtime.worker.lane_runners import LaneRunners
from jobgen_runtime.worker.meter import LaneMeter
from jobgen_runtime.worker.prefetch import Cursor, Prefetch
from jobgen_runtime.worker.refused_claims import RefusedClaims
from jobgen_runtime.worker.schedule import LaneSchedule
from jobgen_runtime.worker.tally import Tally

log = logging.getLogger("jobgen.job")

START_SECONDS = 0.0005
"""How long jobs are started one after another before the event loop gets its turn: short, so that
the next claim is sent while there is work to do meanwhile."""

MAX_PENDING_COMPLETIONS = 5000
"""Completions that may wait to be written before claiming stops: if the worker dies, these jobs run
again."""

_SUCCEED = Succeed()


class Lane:
    """Run the claims of one kind of job in its slots.

    `claims` has them from their arrival until their completion is written. Other decisions have
    their own modules: `schedule` when to fetch, `prefetch` and `cursor` how much and from where,
    `refused` what the database refuses to start, `runners` where jobs run.
    """

    def __init__(self, job: type[Job[Any]], events: WorkerEvents, deadline: Deadline) -> None:
        """Prepare the lane of a job class.

        Args:
            job: The class, whose record is a JobRecord.
            events: Receives the ends of jobs.
            deadline: When processes of jobs end themselves.
        """
        record = job.record
        if not issubclass(record, JobRecord):
            raise TypeError(
                f"The record of {job.__qualname__}, {record.__qualname__}, is not a JobRecord."
            )
        self.job = job()
        self.name = job.__name__
        self.slots = min(job.max_concurrency, job.global_concurrency or job.max_concurrency)
        self.queue = JobQueue(record, Endings.of(job))
        self.narrowing = Narrowing(record)
        self.refusals = Refusals(record.__table__)
        self.table = self.queue.table.qualified_name
        self._loop = asyncio.get_running_loop()
        claims = self.claims = HeldClaims(self.name, self._loop.time)
        self._max_attempts = job.max_attempts
        self._keeps_attempts = job.keep_attempts
        self._expires_after = job.expires_after
        self._notes_attempts = job.keep_attempts or job.expires_after is not None
        # The same objects: every job needs them.
        self._held, self._buffer, self._running = claims.by_key, claims.buffer, claims.running
        self._completions, self._suspects = claims.completions, claims.suspects
        self.errors = LaneErrors(self.name)
        self.schedule = LaneSchedule(self._loop.time)
        self.refused_claims = RefusedClaims(self._loop.time)
        """The due jobs that the database refuses to start."""
        self.slot_freed = False
        """Whether a slot of global_concurrency is free that other workers do not know of yet."""
        self.failures = 0
        """Attempts that failed or timed out since the start."""
        self.tally: Tally | None = None
        """Counts the jobs whose transitions are written; None to count none."""
        self.meter: LaneMeter | None = None
        """Counts and measures attempts, for `--metrics`; None to measure none."""
        self._events = events
        self.prefetch = Prefetch()
        self._is_limited = job.global_concurrency is not None
        self._may_run_ahead = self.slots > 1 and job.max_attempts > 1 and not self._is_limited
        # A job that is held ready would start before one that comes in with a higher priority. If a
        # duplicate of it may come in, it could not be released.
        table = record.__table__
        self._may_prefetch = (
            self._may_run_ahead
            and not table.has_priority
            and all(index.counts_running for index in table.unique_indexes)
        )
        # No row may be passed over where order is strict or slots are few.
        self.cursor = Cursor(
            self._loop.time, advances=self._may_run_ahead, has_priority=table.has_priority
        )
        self.runners = LaneRunners(self.job, self.slots, deadline)
        self._is_starting = False
        self._new_variables = variables_factory()
        self._is_paused = False

    def __str__(self) -> str:
        everywhere = " over all workers" if self._is_limited else ""
        return f"{self.name} ({self.slots} at once{everywhere})"

    def room(self) -> int:
        """Return how many more jobs the lane can take with one claim now."""
        if len(self._completions) + len(self.claims.refused_completions) >= MAX_PENDING_COMPLETIONS:
            return 0
        # With an order or a global limit, a slot is free once the completion is written.
        free = self.slots - len(self._running if self._may_run_ahead else self._held)
        ahead = self.prefetch.size(self.slots) if self._may_prefetch else 0
        # A few more are not worth a round trip.
        if ahead and len(self._buffer) > ahead * 3 // 4:
            return 0
        return max(free + ahead - len(self._buffer), 0)

    def fetch_at(self) -> float:
        """Return when to claim next, by the loop's clock."""
        return self.schedule.fetch_at(
            self.refused_claims.trial_at() if self.refused_claims else math.inf
        )

    def is_busy(self) -> bool:
        """Return whether jobs run or are about to start."""
        return bool(self._running or self._buffer)

    def dispatch(self, claims: list[Claim], *, start: bool = True, suspects: bool = False) -> None:
        """Take claims in the order in which to start them; start those that find a slot.

        Args:
            claims: The claims.
            start: False to start none of them.
            suspects: Whether the last workers of these jobs died. They start before others.
        """
        if self._notes_attempts:
            note_arrival(claims, self._loop.time())
        if self.meter is not None:
            self.meter.note_claims(claims, self._loop.time())
        ready, held, refused = claims, self._held, self.claims.refused_completions
        any_refused = bool(refused)
        for claim in claims:
            key = claim.key
            if key in held and self.claims.supersede(held[key], claim):
                ready = [each for each in ready if each is not claim]
            held[key] = claim
            if any_refused:
                refused.drop(key)  # Its row was reset by hand.
        if suspects:
            self._suspects.update(claims)
            self._buffer.extendleft(reversed(ready))
        else:
            self._buffer.extend(ready)
        if start:
            self._start()

    def set_paused(self, is_paused: bool) -> None:
        """Start none of the claims, or go on with them; those that run are not affected."""
        self._is_paused = is_paused
        if not is_paused:
            self._start()

    def end(self, claims: Iterable[Claim], outcome: Outcome) -> None:
        """Complete claims that do not run, with an outcome that their attempts did not have.

        The lane may not hold them yet although the database says so.
        """
        for claim in claims:
            self._held[claim.key] = claim
            self._complete(claim, outcome)
        self._events.job_ended()

    def completed(self, claims: list[Claim]) -> None:
        """Drop claims whose completions are in the database."""
        held = self._held
        for claim in self._completions.drop_all(claims):
            del held[claim.key]
        self.slot_freed = self._is_limited
        self.refused_claims.retry_conflicts()

    def refuse(self, claim: Claim, transition: Transition) -> bool:
        """Free the slot of a job whose completion the database refuses; return if that is new."""
        self.slot_freed = self._is_limited
        return self.claims.refuse(claim, transition)

    def report_locked_table(self) -> None:
        """Leave the table alone for a while, because another session has locked it."""
        self.schedule.table_locked()
        self.errors.report_claims("table is locked")

    def _start(self) -> None:
        """Fill the free slots."""
        if self._is_starting or self._is_paused:
            return  # A job has ended at once: the loop below continues by itself.
        self._is_starting = True
        try:
            more = self._start_for_a_while()
        finally:
            self._is_starting = False
        if self._completions:
            self._events.job_ended()
        if more:
            # After the loops that this has woken: the next claim is to be in progress meanwhile.
            self._loop.call_soon(self._start)

    def _start_for_a_while(self) -> bool:
        """Start jobs for START_SECONDS; return whether more could start at once."""
        time, buffer, running, meter = self._loop.time, self._buffer, self._running, self.meter
        now = time()
        until = now + START_SECONDS
        while buffer and len(running) < self.slots:
            if now > until:
                return True
            claim = buffer.popleft()
            record = claim.take_record()
            if isinstance(record, UnreadableRow):
                self._complete(claim, Failed(record.error))
                continue
            if self._notes_attempts and self._expires(claim, record, now):
                continue
            if meter is not None:
                meter.waits.append(now - meter.clock_offset - record.run_at.timestamp())
            execution = self._execute(claim, record, now)
            started, now = now, time()
            if not execution.ended:
                running[claim] = execution
                execution.started_at = started
                continue
            if meter is not None:
                meter.durations.append(now - started)
            if not self._suspects:
                self.prefetch.record_duration(now - started)
        return False

    def _expires(self, claim: Claim, record: JobRecord, now: float) -> bool:
        """Note that an attempt begins; complete it and return True if that is too late."""
        waited = note_start(claim, now)
        if not self._expires_after or not is_expired(record, waited, self._expires_after):
            return False
        self._complete(claim, expired(record, self._expires_after))
        return True

    def _execute(self, claim: Claim, record: JobRecord, now: float) -> Execution:
        runners, suspects = self.runners, self._suspects
        context = JobContext(
            self.name,
            self.table,
            claim.id,
            claim.attempts,
            claim.fence,
            record.run_at,
            record.locked_at,
            self._max_attempts,
        )
        if self._keeps_attempts and claim.attempt is not None:
            context.recorded_wait = claim.attempt.waited
        return Execution(
            record,
            context,
            runners.for_suspects() if suspects and claim in suspects else runners.regular,
            partial(self._execution_ended, claim, now),
            # Not the variables of the job that ended just now.
            self._new_variables(),
        )

    def _execution_ended(self, claim: Claim, started: float, outcome: Outcome | Committed) -> None:
        claims, suspects = self.claims, self._suspects
        if self._running.pop(claim, None) is not None:
            duration = self._loop.time() - started
            if self.meter is not None:
                self.meter.durations.append(duration)
            if claim not in suspects:
                self.prefetch.record_duration(duration)
        if claims.distrusted and claim in claims.distrusted:
            claims.distrusted.discard(claim)
            outcome = FAILED_OVER if isinstance(outcome, Succeeded) else outcome
        # A lost claim is no longer held, and its row belongs to others.
        if self._held.get(claim.key) is claim and claim not in self._completions:
            if isinstance(outcome, Committed):
                self._note_committed(claim)
            else:
                self._complete(claim, outcome)
        if suspects:
            suspects.discard(claim)
        if claims.successors:
            claims.buffer_successor(claim)
        if not self._is_starting:
            self._start()
            self._events.job_ended()

    def _note_committed(self, claim: Claim) -> None:
        """Drop a claim whose success its own transaction has written."""
        del self._held[claim.key]
        self.slot_freed = self._is_limited
        self.refused_claims.retry_conflicts()
        if log.isEnabledFor(logging.DEBUG):
            self._log(claim, _SUCCEED)
        if self.meter is not None:
            self.meter.succeeded += 1
        if self.tally is not None:
            self.tally.note(_SUCCEED, [claim])

    def _complete(self, claim: Claim, outcome: Outcome) -> None:
        if claim.attempt is not None:
            claim.attempt.outcome = attempt_outcome(outcome)
        was_suspect = self.claims.clear_suspicion(claim) if self._suspects else False
        if isinstance(outcome, Succeeded):
            self._completions[claim] = _SUCCEED
            if self.meter is not None:
                self.meter.succeeded += 1
            if log.isEnabledFor(logging.DEBUG):
                self._log(claim, _SUCCEED)
            return
        transition = decide_transition(
            outcome,
            attempts=claim.attempts,
            max_attempts=self.job.max_attempts,
            backoff=self.job.backoff,
            name=self.name,
        )
        if was_suspect and isinstance(outcome, Crashed | Interrupted):
            self.runners.has_crashed |= isinstance(outcome, Crashed)
            if isinstance(transition, Retry | Release):
                transition = replace(transition, is_suspect=True)
        self._completions[claim] = transition
        self.failures += isinstance(transition, Retry | Fail)
        if self.meter is not None:
            self.meter.note_outcome(outcome, transition)
        self._log(claim, transition, outcome)

    def _log(self, claim: Claim, transition: Transition, outcome: Outcome | None = None) -> None:
        timeout = self.job.timeout if isinstance(outcome, TimedOut) else None
        with log_as(self._context(claim)):
            log_transition(transition, claim.attempts, timed_out_after=timeout)

    def _context(self, claim: Claim) -> JobContext:
        return JobContext(self.name, self.table, claim.id, claim.attempts, claim.fence)
