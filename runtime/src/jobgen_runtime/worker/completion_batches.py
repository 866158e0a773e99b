"""Batches of completions: split what has ended, and write one batch with one statement."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.contract.outcomes import SnoozeFor
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Release, Retry, Succeed, Transition
from jobgen_runtime.queue import Claim, Unwritten
from jobgen_runtime.worker.lane import Lane

log = logging.getLogger("jobgen.worker")

MAX_JOINED_ROWS = 100
"""Rows per statement that joins rows to their errors and delays: without statistics, the planner
may compare every row with every other."""

Conn = AsyncConnection[Any]
Batch = Sequence[tuple[Claim, Transition]]
_Kind = type[Transition] | JobStatus
"""The class of the transitions of a batch; the status that it sets if that is `Fail`."""


def split_into_batches(
    completions: Mapping[Claim, Transition], *, keeps_attempts: bool = False
) -> Iterator[Batch]:
    """Split completions by kind; those whose rows are joined to others also by size.

    All are if the kind keeps its attempts, otherwise those with errors or delays.
    """
    kinds: dict[_Kind, list[tuple[Claim, Transition]]] = defaultdict(list)
    for completion in completions.items():
        transition = completion[1]
        kind: _Kind = transition.status if isinstance(transition, Fail) else type(transition)
        kinds[kind].append(completion)
    for kind, batch in kinds.items():
        is_joined = keeps_attempts or kind not in (Succeed, Release)
        size = MAX_JOINED_ROWS if is_joined else len(batch)
        for start in range(0, len(batch), size):
            yield batch[start : start + size]


async def write_batch(lane: Lane, conn: Conn, batch: Batch, *, bare: bool = False) -> Batch:
    """Write a batch of one kind, and drop its claims from the lane.

    Args:
        lane: The lane that holds the claims.
        conn: The completer's connection.
        batch: The claims with their transitions.
        bare: Whether to leave out the report of a failure and the record of the attempt.

    Returns:
        The part of the batch that was not written although its claims still hold, because a
        trigger or a policy suppressed the change. The lane keeps it.

    Raises:
        psycopg.Error: The database refuses the batch, or the connection broke.
        ValueError: The driver cannot send the batch.
    """
    unwritten = await _execute(lane, conn, batch[0][1], batch, bare=bare)
    claims = [claim for claim, _ in batch]
    if unwritten is None:
        lane.completed(claims)
        if lane.tally is not None:
            lane.tally.note(batch[0][1], claims)
        return ()
    suppressed = set(unwritten.suppressed)
    if lane.tally is not None:
        left = suppressed.union(unwritten.lost)
        lane.tally.note(batch[0][1], [claim for claim in claims if claim not in left])
    lane.completed([claim for claim in claims if claim not in suppressed])
    if unwritten.lost:
        # An AFTER trigger may have changed the row right after its claim, and will do so again.
        lane.schedule.narrow_next_claim()
    for claim in unwritten.lost:
        # Also after an answer to this very statement was lost, or if the row was deleted.
        log.warning("%s %s no longer belonged to this worker when it ended", lane.name, claim.id)
    return [(claim, transition) for claim, transition in batch if claim in suppressed]


async def require_table(
    lane: Lane, conn: Conn, transition: Transition, *, bare: bool = False
) -> None:
    """Execute the statement of a transition for no row; `bare` as for `write_batch`.

    Raises:
        psycopg.Error: The database refuses it for the whole table, not for a row.
    """
    await _execute(lane, conn, transition, (), bare=bare)


async def _execute(
    lane: Lane, conn: Conn, transition: Transition, batch: Batch, *, bare: bool
) -> Unwritten | None:
    claims = [claim for claim, _ in batch]
    statements = lane.queue.bare_completions if bare else lane.queue.completions
    match transition:
        case Succeed():
            return await statements.succeed(conn, claims)
        case Release():
            return await statements.release(conn, claims, _suspects(batch))
        case SnoozeFor():
            return await statements.snooze(conn, claims, _delays(batch))
        case Retry():
            suspects = set(_suspects(batch))
            remain = [claim in suspects for claim in claims]
            return await statements.retry(conn, claims, _errors(batch), _delays(batch), remain)
        case Fail(status, _):
            return await statements.fail(
                conn, claims, _errors(batch), status, _cancelled_by_operator(batch)
            )


def _errors(batch: Batch) -> list[str]:
    return [transition.error for _, transition in batch if isinstance(transition, Retry | Fail)]


def _delays(batch: Batch) -> list[timedelta]:
    return [
        transition.delay for _, transition in batch if isinstance(transition, Retry | SnoozeFor)
    ]


def _suspects(batch: Batch) -> list[Claim]:
    return [
        claim
        for claim, transition in batch
        if isinstance(transition, Release | Retry) and transition.is_suspect
    ]


def _cancelled_by_operator(batch: Batch) -> list[Claim]:
    return [
        claim
        for claim, transition in batch
        if isinstance(transition, Fail) and transition.by_operator
    ]
