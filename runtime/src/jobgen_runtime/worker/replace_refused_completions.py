"""Complete what the database refuses to complete: find the rows, and fail them or set them aside.

One row never holds up another. A row that cannot get its status fails with that reason. If it
cannot fail either, it is refused: its slot is free, and its completion is tried again from time to
time.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from psycopg import Error
from psycopg.errors import InvalidSchemaName, LockNotAvailable, UndefinedColumn, UndefinedTable

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Retry, Transition
from jobgen_runtime.database.sessions import is_lost
from jobgen_runtime.queue import Claim, Refusal, refusal_reason
from jobgen_runtime.queue.row_errors import SUPPRESSED, halves, is_conflict, is_locked, is_outage
from jobgen_runtime.worker.bare_completions import is_accepted_bare, log_bare
from jobgen_runtime.worker.completion_batches import Batch, Conn, require_table, write_batch
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.refused_completions import (
    MAX_ESCAPED_CHARACTERS,
    replacements,
    wanted_status,
    with_ascii_error,
    with_escaped_character,
)

log = logging.getLogger("jobgen.worker")

NARROWING_SECONDS = 0.25
"""How long one lane's refused rows are dealt with before other lanes get their turn."""

MAX_CONFLICTS = 10
MAX_OUTAGES = 30
"""Tries of a row, each RETRY_FAILED_SECONDS after the last one, until it counts as refused although
its error is a conflict between transactions, or a missing resource of the server."""


_VANISHED = (InvalidSchemaName, UndefinedColumn, UndefinedTable)


class _LaterError(Exception):
    """The row is locked, or the server is short of a resource: nothing is known about the row."""


async def complete_refused_batch(lane: Lane, conn: Conn, batch: Batch, error: Exception) -> None:
    """Write the batch that raised `error`, except for the rows that the database refuses.

    Rows that are not reached within NARROWING_SECONDS stay pending.

    Raises:
        psycopg.errors.LockNotAvailable: The whole table is locked.
        psycopg.Error: The connection broke.
    """
    claims = [claim for claim, _ in batch]
    try:
        await require_table(lane, conn, batch[0][1])
    except LockNotAvailable:
        raise
    except Error as refused:
        _raise_if_lost(conn, refused)
        if await is_accepted_bare(lane, conn, batch[0][1], refused):
            log_bare(lane, batch, refusal_reason(refused))
            await _narrow(lane, conn, batch, None, bare=True)
            return
        has_vanished = isinstance(refused, _VANISHED)
        lane.errors.report_completions(refusal_reason(refused), has_vanished=has_vanished)
        lane.claims.completions.defer(claims)
        return
    lane.errors.report_completions(None)
    await _narrow(lane, conn, batch, error)


async def refuse_suppressed(lane: Lane, conn: Conn, batch: Batch) -> None:
    """Fail or refuse rows whose completion had no effect although their claims still hold.

    Raises:
        psycopg.Error: The connection broke.
    """
    until = _loop_time() + NARROWING_SECONDS
    for claim, transition in batch:
        await _replace(lane, conn, claim, transition, SUPPRESSED)
        if _loop_time() > until:
            return


async def retry_refused(lane: Lane, conn: Conn) -> None:
    """Try to complete refused jobs whose time has come.

    Raises:
        psycopg.Error: The connection broke.
    """
    until = _loop_time() + NARROWING_SECONDS
    for claim, transition in lane.claims.refused_completions.due():
        if _loop_time() > until:
            return
        lane.refuse(claim, transition)  # Until the next time, whatever happens now.
        with suppress(_LaterError):
            reason = await _try(lane, conn, claim, transition)
            if reason is None:
                await _resolve(lane, conn, claim)
            else:
                await _replace(lane, conn, claim, transition, reason)


async def _narrow(
    lane: Lane, conn: Conn, batch: Batch, error: Exception | None, *, bare: bool = False
) -> None:
    until = _loop_time() + NARROWING_SECONDS
    parts: list[tuple[Batch, Exception | None]] = [(batch, error)]
    while parts:
        part, refused = parts.pop()
        if refused is None:
            try:
                suppressed = await write_batch(lane, conn, part, bare=bare)
            except (Error, ValueError) as new:
                _raise_if_lost(conn, new)
                refused = new
            else:
                await refuse_suppressed(lane, conn, suppressed)
                continue
        if len(part) > 1:
            parts += [(half, None) for half in halves(part)]
            continue
        [(claim, transition)] = part
        if _is_worth_another_try(lane, claim, refused):
            lane.claims.completions.defer([claim])
        elif is_outage(refused):
            await _refuse(lane, conn, claim, transition, _reason(refused))
        else:
            await _replace(lane, conn, claim, transition, _reason(refused))
        if _loop_time() > until:
            return


def _is_worth_another_try(lane: Lane, claim: Claim, error: Exception) -> bool:
    if is_locked(error):
        return True
    if is_outage(error):
        return lane.claims.completions.count_try(claim) < MAX_OUTAGES
    return is_conflict(error) and lane.claims.completions.count_try(claim) < MAX_CONFLICTS


async def _replace(
    lane: Lane, conn: Conn, claim: Claim, transition: Transition, reason: str
) -> None:
    """Fail a job that cannot get its status; refuse it if it cannot fail either."""
    try:
        is_replaced = await _try_replacements(lane, conn, claim, transition, reason)
    except _LaterError:
        lane.claims.completions.defer([claim])
        return
    if not is_replaced:
        await _refuse(lane, conn, claim, transition, reason)


async def _try_replacements(
    lane: Lane, conn: Conn, claim: Claim, transition: Transition, reason: str
) -> bool:
    for _ in range(MAX_ESCAPED_CHARACTERS):
        escaped = with_escaped_character(transition, reason)
        if escaped == transition:
            break
        transition = escaped
        refused = await _try(lane, conn, claim, transition)
        if refused is None:
            await _resolve(lane, conn, claim)
            return True
        reason = refused
    ascii_version = with_ascii_error(transition)
    if ascii_version != transition and await _try(lane, conn, claim, ascii_version) is None:
        await _resolve(lane, conn, claim)
        return True
    if await _try_bare(lane, conn, claim, ascii_version):
        return True
    for replacement in replacements(transition, reason):
        if await _try(lane, conn, claim, replacement) is None or await _try_bare(
            lane, conn, claim, replacement
        ):
            log.error(
                "%s %s cannot become %s, and has failed instead: %s",
                lane.name,
                claim.id,
                _name(wanted_status(transition)),
                reason,
            )
            if claim not in lane.claims.refused_completions:
                _count_failure(lane, transition)
            await _resolve(lane, conn, claim)
            return True
    return False


async def _try_bare(lane: Lane, conn: Conn, claim: Claim, transition: Transition) -> bool:
    """Write one row, if need be without what belongs to it; return False if it is refused."""
    if not lane.queue.endings or await _try(lane, conn, claim, transition, bare=True) is not None:
        return False
    if (left_out := lane.queue.bare_completions.left_out) is not None:
        log_bare(lane, [(claim, transition)], left_out)
    await _resolve(lane, conn, claim)
    return True


async def _try(
    lane: Lane, conn: Conn, claim: Claim, transition: Transition, *, bare: bool = False
) -> str | None:
    """Write one row; return why the database refuses it, or None if it does not."""
    try:
        suppressed = await write_batch(lane, conn, [(claim, transition)], bare=bare)
    except (Error, ValueError) as error:
        _raise_if_lost(conn, error)
        if is_locked(error) or is_outage(error):
            raise _LaterError from error
        return _reason(error)
    return SUPPRESSED if suppressed else None


async def _refuse(
    lane: Lane, conn: Conn, claim: Claim, transition: Transition, reason: str
) -> None:
    if claim not in lane.claims.completions and claim not in lane.claims.refused_completions:
        return  # The lease was lost meanwhile: the row belongs to others.
    wanted = wanted_status(transition)
    if claim not in lane.claims.refused_completions and lane.refuse(claim, transition):
        log.error(
            "%s %s has ended, but can become neither %s nor failed: %s; trying again from time "
            "to time",
            lane.name,
            claim.id,
            _name(wanted),
            reason,
        )
        _count_failure(lane, transition)
    try:
        await lane.refusals.record(conn, [Refusal(claim.id, wanted, reason)])
    except Error as error:
        _raise_if_lost(conn, error)
        log.warning("cannot record the refusal of %s %s: %s", lane.name, claim.id, _reason(error))


def _count_failure(lane: Lane, transition: Transition) -> None:
    """Count a job that could not get its status, unless `transition` was counted before."""
    lane.failures += not isinstance(transition, Retry | Fail)


async def _resolve(lane: Lane, conn: Conn, claim: Claim) -> None:
    """Forget the refusal of a job that is completed, or has changed hands, by now."""
    if not lane.claims.refused_completions.drop(claim.key):
        return
    log.info("%s %s is no longer refused", lane.name, claim.id)
    try:
        await lane.refusals.resolve(conn, [claim.id])
    except Error as error:
        _raise_if_lost(conn, error)


def _raise_if_lost(conn: Conn, error: Exception) -> None:
    if is_lost(conn, error):
        raise error


def _reason(error: Exception) -> str:
    return refusal_reason(error) if isinstance(error, Error) else str(error)


def _name(status: JobStatus) -> str:
    return status.value.removeprefix("job_status_").replace("_", " ")


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
