"""How suspects run, by the number of workers that died while they ran."""

from __future__ import annotations

from enum import Enum

from jobgen_runtime.executor.quarantine import QUARANTINE_PROCESSES
from jobgen_runtime.queue.suspects import may_run_beside_suspects, must_run_alone
from jobgen_runtime.worker.lane import Lane

ALONE_SECONDS = 60.0
"""How long a suspect that runs alone keeps other jobs from starting: once while the running ones
end, and once while it runs itself. A job of hours must not stop all others for hours."""


class SuspectMode(Enum):
    """How a suspect runs; the value says it in the log."""

    ISOLATED = "in separate processes, as all jobs of the kind"
    """It needs no quarantine."""

    SEPARATE = (
        f"in separate processes, at most {QUARANTINE_PROCESSES} at a time; "
        "other jobs start as usual"
    )
    IN_TURN = "one at a time; other jobs start as usual"
    ALONE = (
        "alone: no other job starts until the running ones have ended "
        f"(at most {ALONE_SECONDS:g} s) and until that job has ended (as long)"
    )


def suspect_mode(lane: Lane, deaths: int) -> SuspectMode:
    """Return how suspects of a lane run that `deaths` workers died with."""
    if must_run_alone(deaths):
        return SuspectMode.ALONE
    if may_run_beside_suspects(deaths):
        if lane.runners.are_isolated:
            return SuspectMode.ISOLATED
        if lane.runners.can_quarantine:
            return SuspectMode.SEPARATE
    return SuspectMode.IN_TURN
