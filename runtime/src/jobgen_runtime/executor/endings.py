"""How an attempt ended, as a hook can know it when `perform` has returned or raised."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen_runtime.contract.attempts import AttemptOutcome, attempt_outcome
from jobgen_runtime.contract.context import TransactionState, current_job
from jobgen_runtime.contract.current_attempt import current_attempt
from jobgen_runtime.executor.outcomes import outcome_of

_FINAL = frozenset({AttemptOutcome.SUCCEEDED, AttemptOutcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended.

    Attributes:
        outcome: What happened.
        is_final: Whether no attempt follows.
    """

    outcome: AttemptOutcome
    is_final: bool

    @property
    def is_failure(self) -> bool:
        """Whether the attempt is an error: it failed or timed out, with or without a retry."""
        return self.outcome in (AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT)


def attempt_ending(error: BaseException | None) -> Ending:
    """Return how the current attempt ended.

    Args:
        error: What `perform` raised; None if it returned.
    """
    outcome = _outcome(error)
    is_last = current_attempt().is_last
    failed = outcome in (AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT)
    return Ending(outcome, outcome in _FINAL or (failed and is_last))


def _outcome(error: BaseException | None) -> AttemptOutcome:
    context, stop = current_job.get(), current_attempt().stop_reason
    if context is not None and context.state is TransactionState.COMMITTED:
        return AttemptOutcome.SUCCEEDED
    # The same as `Execution` decides once the hooks have ended.
    if stop == "timeout":
        return AttemptOutcome.TIMED_OUT
    outcome = AttemptOutcome.SUCCEEDED if error is None else attempt_outcome(outcome_of(error))
    if stop == "cancel" and outcome is not AttemptOutcome.SUCCEEDED:
        return AttemptOutcome.CANCELLED
    if stop == "shutdown" and outcome is AttemptOutcome.FAILED:
        return AttemptOutcome.INTERRUPTED
    return outcome
