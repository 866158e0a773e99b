"""All lanes of one worker."""

from __future__ import annotations

from uuid import UUID

from jobgen_runtime.contract import PutBack
from jobgen_runtime.worker.lane import Lane


class Lanes(tuple[Lane, ...]):
    """Each has the place of its table in the worker's looks at all tables."""

    __slots__ = ()

    def running(self) -> int:
        """How many jobs run."""
        return sum(len(lane.running) for lane in self)

    def at_rest(self) -> bool:
        """Nothing runs, and nothing waits to be written."""
        return not any(lane.held or lane.running for lane in self)

    def failures(self) -> int:
        """Attempts that failed or timed out, since the start."""
        return sum(lane.failures for lane in self)

    def unwritten(self) -> list[UUID]:
        """What ran to its end that the database does not know of."""
        return [
            claim.id
            for lane in self
            for claim, transition in lane.ended.items()
            if not isinstance(transition, PutBack)
        ]

    def shut_out(self) -> set[int]:
        """The places of those whose tables are left alone for a while."""
        return {place for place, lane in enumerate(self) if lane.plan.is_shut()}

    def doubt(self) -> None:
        """What has run or runs has not succeeded."""
        for lane in self:
            lane.doubt()

    def give_back(self) -> None:
        """What has not started is put back."""
        for lane in self:
            lane.give_back()

    def forget(self) -> None:
        """The claims are lost: what runs is asked to end, and nothing of it is written."""
        for lane in self:
            lane.forget()
            lane.release()

    def release(self) -> None:
        """Asks all that run to end; what has not started is put back."""
        for lane in self:
            lane.release()

    def close(self) -> None:
        """No more work: the threads may end."""
        for lane in self:
            lane.close()
