"""The attempts that a completion records in `job_attempts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from jobgen_runtime.contract.attempts import AttemptOutcome
from jobgen_runtime.queue.claims import Claim
from jobgen_runtime.queue.id_array import array_of_ids

_NOT_A_FAILURE = frozenset(
    {AttemptOutcome.SUCCEEDED, AttemptOutcome.SNOOZED, AttemptOutcome.INTERRUPTED}
)


def attempt_parameters(
    claims: Sequence[Claim], written: AttemptOutcome, completion: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the parameters of `sql/record_attempts.sql`.

    Released attempts that never began are left out.

    Args:
        claims: The claims that are completed.
        written: The outcome by the completion that is written. An attempt's own is more precise,
            unless the database refused that completion, and the job fails instead.
        completion: The parameters of the completion, with the errors if it has some.
    """
    errors = completion.get("errors") or [None] * len(claims)
    is_release = written is AttemptOutcome.INTERRUPTED
    begun = [
        (claim, error)
        for claim, error in zip(claims, errors, strict=True)
        if not is_release or _waited(claim) is not None
    ]
    return {
        "begun": array_of_ids(claim for claim, _ in begun),
        "attempts": [claim.attempts for claim, _ in begun],
        "claimed_at": [claim.fence.locked_at for claim, _ in begun],
        "waited": [timedelta(seconds=_waited(claim) or 0) for claim, _ in begun],
        "outcomes": [_outcome(claim, written).value for claim, _ in begun],
        "attempt_errors": [error for _, error in begun],
    }


def _waited(claim: Claim) -> float | None:
    return claim.attempt.waited if claim.attempt is not None else None


def _outcome(claim: Claim, written: AttemptOutcome) -> AttemptOutcome:
    noted = claim.attempt.outcome if claim.attempt is not None else None
    if noted is None or (noted in _NOT_A_FAILURE and written is not noted):
        return written
    return noted
