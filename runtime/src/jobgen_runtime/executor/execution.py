"""Run one attempt, with its timeout, and report its outcome once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta

from jobgen_runtime.contract.context import JobContext, StopReason, TransactionState, current_job
from jobgen_runtime.contract.durations import duration_text
from jobgen_runtime.contract.outcomes import (
    CANCELLED_BY_OPERATOR,
    Cancelled,
    Committed,
    Failed,
    Interrupted,
    Outcome,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.executor.error_text import MAX_CHARACTERS, format_error
from jobgen_runtime.executor.forks import exit_fork, guard, is_fork
from jobgen_runtime.executor.log_context import log_as
from jobgen_runtime.executor.outcomes import outcome_of
from jobgen_runtime.executor.runners import Runner
from jobgen_runtime.executor.tasks import start_task

log = logging.getLogger("jobgen.job")

WARN_STILL_RUNNING_AFTER = 5.0
"""Seconds after a request to stop until the log says that the job still runs."""

_COMMITTED = TransactionState.COMMITTED


_ASKED_TO_STOP = {
    StopReason.TIMEOUT: "its timeout",
    StopReason.SHUTDOWN: "it was interrupted",
    StopReason.CANCEL: "it was cancelled",
}
"""Why an attempt was asked to stop, as the log says it."""


class Execution:
    """One attempt, from its start until its coroutine, thread or process has really ended.

    `on_end` is called once, with the outcome. If `perform` never has to wait, that may happen
    before the constructor returns.

    Attributes:
        ended: Whether `on_end` was called.
        task: The task that the attempt runs in.
        started_at: When it started, by the loop's clock; set where it does not end at once.
    """

    __slots__ = (
        "_begun",
        "_context",
        "_on_end",
        "_runner",
        "_stop_reason",
        "_timers",
        "ended",
        "started_at",
        "task",
    )

    def __init__(
        self,
        record: JobRow,
        context: JobContext,
        runner: Runner,
        on_end: Callable[[Outcome | Committed], None],
        variables: Context,
    ) -> None:
        """Start the attempt.

        Python calls this fastest with positional arguments.

        Args:
            record: The argument of `perform`.
            context: The attempt's context.
            runner: Where `perform` runs.
            on_end: Called once, with the outcome. If it raises, it is called again, with the error
                as the outcome.
            variables: The context variables that `perform` sees and may change.
        """
        self._context = context
        self._runner = runner
        self._on_end = on_end
        self._stop_reason: StopReason | None = None
        self._timers: tuple[asyncio.TimerHandle, ...] = ()
        self._begun = False
        self.ended = False
        self.started_at = 0.0
        self.task = start_task(self._run(record), variables)

    @property
    def context(self) -> JobContext:
        """Return the attempt's context."""
        return self._context

    @property
    def committed(self) -> bool:
        """Return whether the job's own transaction has committed its success."""
        return self._context.state is _COMMITTED

    def interrupt(self) -> None:
        """Ask the job to stop because the worker shuts down; a thread runs to its end."""
        self._request_stop(StopReason.SHUTDOWN)

    def cancel(self) -> None:
        """Ask the job to stop and not to be retried; a thread runs to its end."""
        if self._stop_reason is StopReason.CANCEL:
            return
        self._request_stop(StopReason.CANCEL)
        if not self._runner.interruptible:
            with log_as(self._context):
                log.warning("cancelled, but a thread cannot be interrupted: it runs to its end")

    def end_if_never_started(self) -> None:
        """Report the end of a task that was cancelled before its first step.

        Such a task runs no code, so it cannot report that itself. Before Python 3.12, a job that
        cancels the tasks of others can cause it.
        """
        if self.task.done() and not self._begun and not self.ended:
            self.ended = True
            for timer in self._timers:
                timer.cancel()
            self._on_end(self._final_outcome(Interrupted()))

    async def _run(self, record: JobRow) -> None:
        if guard.is_fork:
            # A fork of another job goes on in uvloop, which starts the tasks that are ready.
            exit_fork()
        current_job.set(self._context)
        self._begun = True
        try:
            if self._stop_reason is not None:
                raise asyncio.CancelledError  # noqa: TRY301 -- as if it had come a moment later
            outcome = await self._runner.run(record, self._context, self._start_clock)
        except BaseException as error:  # noqa: BLE001 -- whatever a job raises is its outcome
            if is_fork():
                exit_fork(error)
            outcome = outcome_of(error)
        if guard.is_fork:
            exit_fork()
        for timer in self._timers:
            timer.cancel()
        self.ended = True
        try:
            if self._stop_reason is None and self._context.state is not _COMMITTED:
                self._on_end(outcome)
            else:
                self._on_end(self._final_outcome(outcome))
        except BaseException as error:  # noqa: BLE001 -- the slot must be free, whatever happened
            self._on_end(Failed(format_error(error)))

    def _final_outcome(self, outcome: Outcome) -> Outcome | Committed:
        if self.committed:
            return _completed_by_transaction(outcome)
        if self._stop_reason is None:
            return outcome
        return _outcome_after_stop(self._stop_reason, outcome, self._runner.job.timeout)

    def _start_clock(self) -> None:
        job = self._runner.job
        if job.timeout is not None:
            self._call_later(job.timeout.total_seconds(), self._request_stop, StopReason.TIMEOUT)
        if job.slow_after is not None:
            self._call_later(job.slow_after.total_seconds(), self._warn_slow, job.slow_after)

    def _request_stop(self, reason: StopReason) -> None:
        if self.ended:
            return
        first = self._stop_reason is None
        # A cancellation replaces an earlier reason: it decides whether the job is retried.
        if first or reason is StopReason.CANCEL:
            self._stop_reason = self._context.stop_reason = reason
        if first:
            self._call_later(WARN_STILL_RUNNING_AFTER, self._warn_still_running)
            # A task that is cancelled before its first step ends without calling `on_end`.
            if self._begun:
                self.task.cancel()

    def locate(self) -> str:
        """Return where the attempt is, as lines for the log. Called in any thread."""
        stack = "" if self.ended else self._runner.locate(self._context, self.task)
        return stack or "  (no stack: it has just begun or ended)"

    def _warn_slow(self, slow_after: timedelta) -> None:
        with log_as(self._context):
            log.warning(
                "still running after %s, its slow_after. It is at:\n%s",
                duration_text(slow_after),
                self.locate(),
            )

    def _warn_still_running(self) -> None:
        reason = _ASKED_TO_STOP[self._stop_reason] if self._stop_reason else ""
        with log_as(self._context):
            log.warning(
                "still running %g s after %s; its slot stays taken until it ends. It is at:\n%s",
                WARN_STILL_RUNNING_AFTER,
                reason,
                self.locate(),
            )

    def _call_later(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, call, *arguments)
        self._timers = (*self._timers, timer)


def _outcome_after_stop(reason: StopReason, outcome: Outcome, timeout: timedelta | None) -> Outcome:
    """Return the outcome of an attempt that was asked to stop and ended with `outcome`."""
    if reason is StopReason.TIMEOUT and timeout is not None:
        text = f"The attempt ran longer than its timeout of {duration_text(timeout)}."
        if isinstance(outcome, Failed | Cancelled):
            text += "\n\n"
            text += outcome.error[len(text) - MAX_CHARACTERS :]
        return TimedOut(text)
    if reason is StopReason.CANCEL and not isinstance(outcome, Succeeded | Cancelled):
        return CANCELLED_BY_OPERATOR
    if reason is StopReason.SHUTDOWN and isinstance(outcome, Failed):
        return Interrupted()
    return outcome


def _completed_by_transaction(outcome: Outcome) -> Committed:
    """Return the outcome of a job that committed its own success; log what it raised later."""
    if not isinstance(outcome, Succeeded):
        log.warning(
            "raised after its transaction had committed; the job stays succeeded: %s",
            getattr(outcome, "error", outcome),
        )
    return Committed()
