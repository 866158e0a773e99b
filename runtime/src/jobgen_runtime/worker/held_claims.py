"""The claims that one lane holds, and what becomes of those that do not run."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from jobgen_runtime.contract.transitions import Release, Succeed, Transition
from jobgen_runtime.executor import Execution
from jobgen_runtime.queue import Claim
from jobgen_runtime.worker.pending_completions import PendingCompletions
from jobgen_runtime.worker.refused_completions import RefusedCompletions
from jobgen_runtime.worker.successors import Successors

log = logging.getLogger("jobgen.job")


class HeldClaims:
    """The claims of a lane, from their arrival until their completion is written.

    Until then, a claim is in exactly one of `buffer`, `running` and `completions`. `by_key` has
    them all, at most one claim per row. Only a claim of a row whose previous attempt still runs
    here is in none of them: it succeeds that one. A claim whose completion the database refuses is
    in `refused_completions` instead.

    Attributes:
        by_key: All of them, by the key of their row.
        buffer: Those that wait for a slot, in the order in which to start them.
        running: Those whose attempt runs.
        completions: Those whose attempt has ended, or that are released, and their transition.
        refused_completions: Those whose transition the database refuses.
        suspects: Those of jobs whose last worker died, until their attempt has ended.
        distrusted: Those that ran during a failover, which a success would hide.
        successors: Those that wait for the end of the previous attempt at their row.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """Hold nothing yet.

        Args:
            name: The kind of job, for the log.
            clock: The clock of all deadlines, in seconds.
        """
        self._name = name
        self.by_key: dict[int, Claim] = {}
        self.buffer: deque[Claim] = deque()
        self.running: dict[Claim, Execution] = {}
        self.completions = PendingCompletions(clock)
        self.refused_completions = RefusedCompletions(clock)
        self.suspects: set[Claim] = set()
        self.distrusted: set[Claim] = set()
        self.successors = Successors()
        self._is_stopped = False

    def count_rows(self) -> int:
        """Return how many rows should name this worker in the database."""
        committed = sum(run.committed for run in self.running.values())
        return len(self.by_key) + len(self.refused_completions) - committed

    def supersede(self, claim: Claim, successor: Claim) -> bool:
        """Forget a claim whose row was claimed again: its completion or release took effect.

        Returns:
            Whether its attempt still runs, so that the successor must wait for its end.
        """
        self.completions.drop(claim)
        if claim in self.buffer:
            self.buffer.remove(claim)
            self.clear_suspicion(claim)
        running = self.successors.running_before(claim) or claim
        if running not in self.running:
            return False
        log.warning(
            "%s %s was reset and claimed again while it runs: it runs again after this attempt",
            self._name,
            claim.id,
        )
        self.successors[running] = successor
        return True

    def buffer_successor(self, claim: Claim) -> None:
        """Buffer the claim that waited for the end of this one, or release it after a stop."""
        successor = self.successors.pop(claim, None)
        if successor is None or self.by_key.get(successor.key) is not successor:
            return
        if self._is_stopped:
            self._release(successor)
        else:
            self.buffer.append(successor)

    def withdraw(self, claim: Claim) -> None:
        """Drop a claim that has not started, and cancel the attempt that it waits for."""
        running = self.successors.running_before(claim)
        if running is None:
            self.buffer.remove(claim)
        else:
            self.successors.pop(running)
            self.running[running].cancel()

    def stop(self) -> None:
        """Release what has not started, and whatever could start later."""
        self._is_stopped = True
        self.release_buffered()

    def interrupt(self) -> None:
        """Ask running jobs to stop, and release what has not started."""
        self.release_buffered()
        for execution in list(self.running.values()):
            execution.interrupt()

    def release_buffered(self) -> None:
        """Release what has not started."""
        while self.buffer:
            self._release(self.buffer.popleft())

    def distrust(self) -> list[Claim]:
        """Distrust the successes of all attempts so far, and release what has not started.

        Returns:
            The claims whose success is not written yet. Refused completions are pending again.
        """
        self.release_buffered()
        self.distrusted.update(self.running)
        for claim, transition in self.refused_completions.clear():
            self.by_key[claim.key] = claim
            self.completions[claim] = transition
        return [claim for claim, end in self.completions.items() if isinstance(end, Succeed)]

    def refuse(self, claim: Claim, transition: Transition) -> bool:
        """Set aside a claim whose completion the database refuses; return whether that is new."""
        if self.completions.drop(claim):
            del self.by_key[claim.key]
        return self.refused_completions.add(claim, transition)

    def clear_suspicion(self, claim: Claim) -> bool:
        """Stop treating a claim as that of a suspect; return whether it was one."""
        if claim not in self.suspects:
            return False
        self.suspects.remove(claim)
        return True

    def drop(self) -> None:
        """Forget all claims except running ones: nothing about them may be written."""
        self.buffer.clear()
        self.completions.clear()
        self.suspects.clear()
        self.refused_completions.clear()
        self.by_key.clear()
        self.successors.clear()

    def _release(self, claim: Claim) -> None:
        self.completions[claim] = Release(is_suspect=self.clear_suspicion(claim))
