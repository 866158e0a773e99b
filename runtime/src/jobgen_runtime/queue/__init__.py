"""The transitions of jobs, and the queries over the rows that a worker may claim or holds."""

from __future__ import annotations

from jobgen_runtime.queue.claims import START, Attempt, Claim, Position, UnreadableRow, position
from jobgen_runtime.queue.completions import Completions, Unwritten
from jobgen_runtime.queue.deferred_release import release_all
from jobgen_runtime.queue.endings import Endings
from jobgen_runtime.queue.locked_tables import BLOCKS_WRITES, find_locked_tables
from jobgen_runtime.queue.narrowing import Narrowed, Narrowing, RefusedClaim
from jobgen_runtime.queue.probes import CancellationRequest, ClaimedRows, Due, Probes
from jobgen_runtime.queue.refusals import Refusal, Refusals, refusal_reason
from jobgen_runtime.queue.transitions import JobQueue

__all__ = [
    "BLOCKS_WRITES",
    "START",
    "Attempt",
    "CancellationRequest",
    "Claim",
    "ClaimedRows",
    "Completions",
    "Due",
    "Endings",
    "JobQueue",
    "Narrowed",
    "Narrowing",
    "Position",
    "Probes",
    "Refusal",
    "Refusals",
    "RefusedClaim",
    "UnreadableRow",
    "Unwritten",
    "find_locked_tables",
    "position",
    "refusal_reason",
    "release_all",
]
