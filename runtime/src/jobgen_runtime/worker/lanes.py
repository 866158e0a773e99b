"""All lanes of one worker."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator
from uuid import UUID

from jobgen_runtime.contract.outcomes import FAILED_OVER
from jobgen_runtime.contract.transitions import Release
from jobgen_runtime.worker.lane import Lane


class Lanes:
    """The lanes in their given order, and by the name of their table."""

    def __init__(self, lanes: Iterable[Lane]) -> None:
        self._lanes = tuple(lanes)
        self._by_table = {lane.table: lane for lane in self._lanes}

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes)

    def __getitem__(self, table: str) -> Lane:
        return self._by_table[table]

    def count_running(self) -> int:
        """Return how many jobs run."""
        return sum(len(lane.claims.running) for lane in self)

    def count_failures(self) -> int:
        """Return how many attempts failed or timed out since the start."""
        return sum(lane.failures for lane in self)

    def refused_to_start(self) -> dict[str, int]:
        """Return how many due jobs of each kind the database refuses to start, if any."""
        return {lane.name: len(lane.refused_claims) for lane in self if lane.refused_claims}

    def failing(self) -> list[str]:
        """Return the kinds for which the database refuses every claim, or every search for jobs."""
        return [
            lane.name for lane in self if lane.schedule.is_failing() or lane.errors.has_failed_poll
        ]

    def retry_refused(self) -> bool:
        """Try all refused jobs again now; return whether there are any."""
        for lane in self:
            lane.refused_claims.retry_all()
        return any(lane.refused_claims for lane in self)

    def hold_nothing(self) -> bool:
        """Return whether nothing runs and no completion waits to be written."""
        return not any(lane.claims.by_key or lane.claims.running for lane in self)

    def hold_only_unwritable(self) -> bool:
        """Return whether nothing is left but completions of jobs whose tables have vanished."""
        return not any(
            lane.claims.running
            or (
                lane.claims.by_key
                and not (
                    lane.errors.is_table_gone
                    and len(lane.claims.by_key) == len(lane.claims.completions)
                )
            )
            for lane in self
        )

    def are_busy(self) -> bool:
        """Return whether any jobs run or are about to start."""
        return any(lane.is_busy() for lane in self)

    async def wait_for_running(self) -> None:
        """Wait until the jobs that run now have ended."""
        tasks = [execution.task for lane in self for execution in lane.claims.running.values()]
        if tasks:
            await asyncio.wait(tasks)
            self.end_never_started()

    def end_never_started(self) -> None:
        """Free the slots of attempts whose tasks were cancelled before their first step."""
        for lane in self:
            for execution in list(lane.claims.running.values()):
                execution.end_if_never_started()

    def are_known_due(self) -> bool:
        """Return whether more jobs are due as far as is known."""
        return any(lane.schedule.is_known_due() for lane in self)

    def next_fetch_at(self) -> float:
        """Return when the first lane with room fetches next, by the loop's clock."""
        return min((lane.fetch_at() for lane in self if lane.room()), default=math.inf)

    def unwritten(self) -> list[UUID]:
        """Return the ids of jobs that have ended and whose completions are not written yet."""
        pending = [
            claim.id
            for lane in self
            for claim, transition in lane.claims.completions.items()
            if not isinstance(transition, Release)
        ]
        return pending + [claim.id for lane in self for claim in lane.claims.refused_completions]

    def locked_tables(self) -> set[str]:
        """Return the tables that are left alone because another session has locked them."""
        return {lane.table for lane in self if lane.schedule.is_table_locked()}

    def distrust_successes(self) -> None:
        """Retry jobs that ran before a failover, unless their own transaction committed."""
        for lane in self:
            lane.end(lane.claims.distrust(), FAILED_OVER)

    def set_paused(self, is_paused: bool) -> None:
        """Start none of the claims, or go on with them; those that run are not affected."""
        for lane in self:
            lane.set_paused(is_paused)

    def stop(self) -> None:
        """Start no further job, and release what has not started."""
        for lane in self:
            lane.claims.stop()

    def interrupt(self) -> None:
        """Ask running jobs to stop, and release what has not started."""
        for lane in self:
            lane.claims.interrupt()

    def drop_claims(self) -> None:
        """Forget all claims, which are lost, and ask what runs to stop."""
        for lane in self:
            lane.claims.drop()
            lane.claims.interrupt()

    def close(self) -> None:
        """Release the threads and processes of all lanes; no job may start any more."""
        for lane in self:
            lane.runners.close()

    async def wait_closed(self) -> None:
        """Wait until the processes of all lanes are gone, after `close`."""
        for lane in self:
            await lane.runners.wait_closed()
