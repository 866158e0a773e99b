"""The statements that move a job from state to state, and nothing else."""

from __future__ import annotations

from jobgen_runtime.queue.claims import START, Claim, Position, UnreadableRow, position
from jobgen_runtime.queue.deferred_release import release_all
from jobgen_runtime.queue.probes import CancellationRequest, ClaimedRows, Due, Probes
from jobgen_runtime.queue.repairs import (
    create_index,
    enable_trigger,
    grant_rights,
    grant_schema,
)
from jobgen_runtime.queue.rights import Session, missing_rights, session, unusable_schemas
from jobgen_runtime.queue.shape import Shape, table_shape
from jobgen_runtime.queue.status import KindStatus, kind_status
from jobgen_runtime.queue.transitions import JobQueue
from jobgen_runtime.queue.triggers import trigger_statements

__all__ = [
    "START",
    "CancellationRequest",
    "Claim",
    "ClaimedRows",
    "Due",
    "JobQueue",
    "KindStatus",
    "Position",
    "Probes",
    "Session",
    "Shape",
    "UnreadableRow",
    "create_index",
    "enable_trigger",
    "grant_rights",
    "grant_schema",
    "kind_status",
    "missing_rights",
    "position",
    "release_all",
    "session",
    "table_shape",
    "trigger_statements",
    "unusable_schemas",
]
