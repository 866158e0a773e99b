"""What a lane notes of its attempts, and whether one begins in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.outcomes import Expired
from jobgen_runtime.queue import Attempt, Claim
from jobgen_runtime.record import JobRecord

_MINUS_INFINITY = datetime.min.replace(tzinfo=UTC)
"""The value of `run_at` as records have it: such a job is due at once, and never expires."""


def note_arrival(claims: Iterable[Claim], now: float) -> None:
    """Note when claims arrived, by the loop's clock."""
    for claim in claims:
        claim.attempt = Attempt(now)


def note_start(claim: Claim, now: float) -> timedelta:
    """Note that an attempt begins; return how long its claim has waited for that."""
    attempt = claim.attempt = claim.attempt or Attempt(now)
    attempt.waited = max(now - attempt.received_at, 0.0)
    return timedelta(seconds=attempt.waited)


def is_expired(record: JobRecord, waited: timedelta, expires_after: timedelta) -> bool:
    """Return whether an attempt that begins now begins too late.

    Both times are the database's: that of the claim, and `run_at`.

    Args:
        record: The job, as it was claimed.
        waited: How long the claim has waited for a slot.
        expires_after: The option of the job's class.
    """
    run_at, claimed_at = record.run_at, record.locked_at
    if claimed_at is None or run_at <= _MINUS_INFINITY:
        return False
    return claimed_at - run_at + waited > expires_after


def expired(record: JobRecord, expires_after: timedelta) -> Expired:
    """Return the outcome of an attempt that did not begin in time."""
    return Expired(
        f"The job expired: its attempt could not begin within {duration_text(expires_after)} of "
        f"its run_at, {record.run_at.isoformat(sep=' ', timespec='seconds')}. It was not begun."
    )
