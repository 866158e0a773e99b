"""Record in `job_refusals`, and log, the jobs of a lane that the database refuses to start."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim, Refusal, RefusedClaim, refusal_reason
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.refused_claims import Report

log = logging.getLogger("jobgen.worker")


async def note_refused(
    lane: Lane, conn: AsyncConnection[Any], refused: Sequence[RefusedClaim], *, is_suspect: bool
) -> None:
    """Leave jobs alone for a while, and tell operators about them once.

    Raises:
        psycopg.Error: The connection broke.
    """
    known = len(lane.refused_claims)
    to_record: list[Refusal] = []
    for claim in refused:
        if lane.refused_claims.is_full():
            break
        report = lane.refused_claims.refuse(claim, is_suspect=is_suspect)
        if report is not Report.NONE:
            to_record.append(Refusal(claim.job, JobStatus.RUNNING, claim.reason))
            _log(lane, claim, report)
    if to_record:
        try:
            await lane.refusals.record(conn, to_record)
        except Error as error:
            _pass_on_or_log(lane, conn, error)
    if lane.refused_claims.is_full() and known < len(lane.refused_claims):
        log.error(
            "%d jobs of %s are refused: no others are claimed until some of them can be",
            len(lane.refused_claims),
            lane.name,
        )


async def note_claimed(lane: Lane, conn: AsyncConnection[Any], claims: Sequence[Claim]) -> None:
    """Forget the refusals of jobs that were claimed after all.

    Raises:
        psycopg.Error: The connection broke.
    """
    if resolved := lane.refused_claims.claimed([claim.id for claim in claims]):
        await _resolve(lane, conn, resolved)


async def _resolve(lane: Lane, conn: AsyncConnection[Any], jobs: list[UUID]) -> None:
    for job in jobs:
        log.info("%s %s is no longer refused", lane.name, job)
    try:
        await lane.refusals.resolve(conn, jobs)
    except Error as error:
        _pass_on_or_log(lane, conn, error)


def _log(lane: Lane, claim: RefusedClaim, report: Report) -> None:
    if report is Report.RECORD:
        return
    if claim.conflict is not None:
        log.info("%s %s still waits to start: %s", lane.name, claim.job, claim.reason)
        return
    consequence = (
        "in strict order, all later jobs of the kind wait for it"
        if lane.job.strict_order
        else "other jobs go on"
    )
    log.error(
        "the database refuses to start %s %s: %s (it waits and is tried again later; %s)",
        lane.name,
        claim.job,
        claim.reason,
        consequence,
    )
    if report is Report.LOG_LAST:
        log.error("further jobs of %s that are refused for this reason are not logged", lane.name)


def _pass_on_or_log(lane: Lane, conn: AsyncConnection[Any], error: Error) -> None:
    if is_lost(conn, error):
        raise error
    reason = refusal_reason(error)
    log.warning("cannot update the refused jobs of %s in job_refusals: %s", lane.name, reason)
