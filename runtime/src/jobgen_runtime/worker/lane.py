"""One kind of job on one worker: its slots, and what it holds."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from jobgen_runtime.contract import (
    CANCELLED,
    Cancelled,
    Committed,
    End,
    Failed,
    Hold,
    Outcome,
    PutBack,
    Retry,
    Succeed,
    Succeeded,
    Transition,
)
from jobgen_runtime.executor import Deadline, Run, about
from jobgen_runtime.job import Job
from jobgen_runtime.queue import Claim, JobQueue, UnreadableRow
from jobgen_runtime.record import JobRecord
from jobgen_runtime.worker.ahead import Pace
from jobgen_runtime.worker.cursor import Cursor
from jobgen_runtime.worker.ends import Ends
from jobgen_runtime.worker.places import place_of
from jobgen_runtime.worker.plan import Plan
from jobgen_runtime.worker.verdict import log_verdict, verdict

log = logging.getLogger("jobgen.job")

SLICE = 0.0005
"""Seconds for which it starts one job after another, until the loop has its turn again: short, so
that the next claim is sent while there is work to do meanwhile."""

UNWRITTEN = 5000
"""Ends that may wait to be written before no more is claimed: they run again if the worker dies."""

_SUCCEED = Succeed()

_REPLACED = Failed(
    "Another server has taken over the database since this attempt began. What it wrote may be "
    "lost with the one before."
)


class Lane:
    """Runs claims in the slots of one kind of job.

    A claim is in exactly one of three places from its arrival until its end is written: `buffer`,
    `running`, or `ended`; `held` is all of them, by their keys, one claim of a row at most.
    """

    def __init__(
        self, job: type[Job[Any]], on_change: Callable[[], None], deadline: Deadline
    ) -> None:
        record = job.record
        if not issubclass(record, JobRecord):
            raise TypeError(f"{job.__qualname__}'s record {record.__qualname__} is no JobRecord")
        self.job = job()
        self.name = job.__name__
        self.slots = min(job.max_concurrency, job.global_concurrency or job.max_concurrency)
        self.queue = JobQueue(record)
        self._table, self._success = self.queue.table.qualified_name, self.queue.success()
        self.buffer: deque[Claim] = deque()
        self.running: dict[Claim, Run] = {}
        self._loop = asyncio.get_running_loop()
        self.ended = Ends(self._loop.time)
        self.held: dict[str, Claim] = {}
        self.plan = Plan()
        self.freed = False
        """A slot of its global_concurrency is free, and the other workers have not been told."""
        self.failures = 0
        """Attempts that failed or timed out, since the start."""
        self._doubted: set[Claim] = set()
        self._complaint: str | None = None
        self._on_change = on_change
        self._pace = Pace()
        self._limited = job.global_concurrency is not None
        self._may_buffer = self.slots > 1 and job.max_attempts > 1 and not self._limited
        # Where the order is strict, or the slots are few, no row is passed over.
        self.cursor = Cursor(self._loop.time, moves=self._may_buffer)
        self._place = place_of(self.job, self.slots, deadline)
        self._starting = False

    def room(self) -> int:
        """How many more it can take now."""
        if len(self.ended) >= UNWRITTEN:
            return 0
        # Where order or a limit over all workers counts, a slot is free once the end is written.
        free = self.slots - len(self.running if self._may_buffer else self.held)
        ahead = self._pace.ahead(self.slots) if self._may_buffer else 0
        # A few more are not worth a round trip.
        if ahead and len(self.buffer) > ahead * 3 // 4:
            return 0
        return max(free + ahead - len(self.buffer), 0)

    def complain(self, trouble: str | None) -> None:
        """Logs that nothing can be claimed, once for each reason; None: it can again."""
        if trouble != self._complaint:
            if trouble:
                log.error("nothing can be claimed for %s: %s", self.name, trouble)
            else:
                log.info("%s is claimed again", self.name)
        self._complaint = trouble

    def shut(self) -> None:
        """Leaves its table alone for a while: someone has locked it."""
        self.plan.shut()
        self.complain("someone has locked its table")

    def __str__(self) -> str:
        everywhere = " over all workers" if self._limited else ""
        return f"{self.name} ({self.slots} at once{everywhere})"

    def idle(self) -> bool:
        """Whether nothing of it runs or is about to."""
        return not self.running and not self.buffer

    def take(self, claims: list[Claim], *, start: bool = True) -> None:
        """New claims, in the order in which they are to start."""
        for claim in claims:
            if claim.key in self.held:
                self._supersede(self.held[claim.key])
            self.held[claim.key] = claim
        self.buffer.extend(claims)
        if start:
            self._start()

    def _supersede(self, claim: Claim) -> None:
        """Its end is written, and the answer under way; or someone has put the row back."""
        self.ended.drop(claim)
        if claim in self.buffer:
            self.buffer.remove(claim)

    def give_back(self) -> None:
        """What has not started is put back."""
        while self.buffer:
            self.ended.add(self.buffer.popleft(), PutBack())

    def release(self) -> None:
        """Asks all that run to end; what has not started is put back."""
        self.give_back()
        for run in list(self.running.values()):
            run.release()

    def cancel(self, job_id: UUID) -> bool:
        """Ends that job for good; False: this lane does not have it.

        Its row ends as failed once the work has really ended, unless it still succeeds by then.
        """
        claim = self.held.get(job_id.hex)
        if claim is None or claim in self.ended:
            return False
        if claim in self.running:
            self.running[claim].cancel()
        else:
            self.buffer.remove(claim)
            self._finish(claim, Cancelled(CANCELLED))
            self._on_change()
        return True

    def doubt(self) -> None:
        """What has run or runs has not succeeded, unless in the job's own transaction."""
        self.give_back()
        self._doubted.update(self.running)
        for claim, transition in list(self.ended.items()):
            if isinstance(transition, Succeed):
                self._finish(claim, _REPLACED)
        self._on_change()

    def rows(self) -> int:
        """How many rows should say that this worker holds them."""
        return len(self.held) - sum(run.committed for run in self.running.values())

    def forget(self) -> None:
        """The claims are lost: nothing of them is to be written any more."""
        self.buffer.clear()
        self.ended.clear()
        self.held.clear()

    def unwritten(self) -> Mapping[Claim, Transition]:
        """What is to be written now of all that has ended."""
        return {} if self.plan.is_shut() else self.ended.due()

    def write_at(self) -> float:
        """When that is due which could not be written at once."""
        return max(self.ended.due_at(), self.plan.shut_until) if self.ended else math.inf

    def written(self, claims: list[Claim]) -> None:
        """Their ends are in the database."""
        for claim in claims:
            if self.ended.drop(claim):
                del self.held[claim.key]
        self.freed = self._limited

    def close(self) -> None:
        """No more work: the threads may end."""
        self._place.close()

    def _start(self) -> None:
        """Fills the free slots."""
        if self._starting:
            return  # A job has ended at once: the loop below goes on by itself.
        self._starting = True
        try:
            more = self._start_for_a_while()
        finally:
            self._starting = False
        if self.ended:
            self._on_change()
        if more:
            # After what that has woken: the next claim is to be under way meanwhile.
            self._loop.call_soon(self._start)

    def _start_for_a_while(self) -> bool:
        """Whether there is more that could start at once."""
        until = self._loop.time() + SLICE
        while self.buffer and len(self.running) < self.slots:
            now = self._loop.time()
            if now > until:
                return True
            claim = self.buffer.popleft()
            record = claim.take_record()
            if isinstance(record, UnreadableRow):
                self._finish(claim, Failed(record.error))
            else:
                self._run(claim, record, now)
        return False

    def _run(self, claim: Claim, record: JobRecord, now: float) -> None:
        on_end = partial(self._ended, claim, now)
        run = Run(record, self._hold(claim), self._place, on_end, self._loop)
        if not run.ended:
            self.running[claim] = run

    def _ended(self, claim: Claim, started: float, outcome: Outcome | Committed) -> None:
        self._pace.note(self._loop.time() - started)
        self.running.pop(claim, None)
        if self._doubted and claim in self._doubted:
            self._doubted.discard(claim)
            outcome = _REPLACED if isinstance(outcome, Succeeded) else outcome
        # Lost claims are not held any more, and what became of them is not ours to write.
        if self.held.get(claim.key) is claim:
            if isinstance(outcome, Committed):
                del self.held[claim.key]
                self.freed = self._limited
            else:
                self._finish(claim, outcome)
        if not self._starting:
            self._start()
            self._on_change()

    def _finish(self, claim: Claim, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            self.ended.add(claim, _SUCCEED)
            if log.isEnabledFor(logging.DEBUG):
                self._log(claim, _SUCCEED)
            return
        transition = verdict(
            outcome,
            attempts=claim.attempts,
            max_attempts=self.job.max_attempts,
            backoff=self.job.backoff,
            name=self.name,
        )
        self.ended.add(claim, transition)
        self.failures += isinstance(transition, Retry | End)
        self._log(claim, transition)

    def _log(self, claim: Claim, transition: Transition) -> None:
        with about(self._hold(claim)):
            log_verdict(transition)

    def _hold(self, claim: Claim) -> Hold:
        return Hold(self.name, self._table, claim.id, claim.attempts, claim.fence, self._success)
