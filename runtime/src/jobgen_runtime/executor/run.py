"""Runs one `perform`, and says how it ended as a value."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from jobgen_runtime.contract import (
    CANCELLED,
    Cancelled,
    Committed,
    Failed,
    Hold,
    HoldState,
    Interrupted,
    JobRow,
    Outcome,
    Succeeded,
    TimedOut,
    current_hold,
)
from jobgen_runtime.executor.context import about
from jobgen_runtime.executor.outcomes import outcome_of
from jobgen_runtime.executor.places import Place
from jobgen_runtime.executor.tasks import start

log = logging.getLogger("jobgen.job")

PATIENCE = 5.0
"""Seconds from the request to end until the log says that the job does not."""


class _Stop(Enum):
    TIMEOUT = "its timeout"
    RELEASE = "the worker's request to end"
    CANCEL = "it was cancelled"


class Run:
    """One attempt under way. Ends once: when its coroutine, thread or process has really ended.

    `on_end` is called then: before this is made, if `perform` never had to wait.
    """

    __slots__ = (
        "_begun",
        "_hold",
        "_loop",
        "_on_end",
        "_place",
        "_record",
        "_stop",
        "_timers",
        "ended",
        "task",
    )

    def __init__(
        self,
        record: JobRow,
        hold: Hold,
        place: Place,
        on_end: Callable[[Outcome | Committed], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._record = record
        self._hold = hold
        self._place = place
        self._on_end = on_end
        self._loop = loop
        self._stop: _Stop | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._begun = False
        self.ended = False
        self.task = start(self._run(), loop)

    @property
    def committed(self) -> bool:
        """Whether its own transaction has written its success."""
        return self._hold.state is HoldState.COMMITTED

    def release(self) -> None:
        """Asks it to end, for the worker's own reasons. A thread cannot be asked."""
        self._end(_Stop.RELEASE)

    def cancel(self) -> None:
        """Asks it to end for good. A thread cannot be asked: only its retry is spared."""
        if self._stop is _Stop.CANCEL:
            return
        self._end(_Stop.CANCEL)
        if not self._place.endable:
            with about(self._hold):
                log.warning("cancelled, but a thread cannot be ended: it runs to its end")

    async def _run(self) -> None:
        current_hold.set(self._hold)
        try:
            self._enter()
            outcome = await self._place.run(self._record, self._hold, self._start_clock)
        except BaseException as error:  # noqa: BLE001 -- whatever a job does must end as its outcome
            outcome = outcome_of(error)
        for timer in self._timers:
            timer.cancel()
        self.ended = True
        if self.committed:
            self._on_end(_committed(outcome))
        elif self._stop is None:
            self._on_end(outcome)
        else:
            self._on_end(_settled(self._stop, outcome, self._place.job.timeout))

    def _enter(self) -> None:
        self._begun = True
        if self._stop is not None and self._place.endable:
            raise asyncio.CancelledError

    def _start_clock(self) -> None:
        timeout = self._place.job.timeout
        if timeout is not None:
            self._later(timeout.total_seconds(), self._end, _Stop.TIMEOUT)

    def _end(self, reason: _Stop) -> None:
        if self.ended:
            return
        first = self._stop is None
        # A cancellation counts whatever else came before it: it is an order about the job.
        if first or reason is _Stop.CANCEL:
            self._stop = reason
        if first:
            self._later(PATIENCE, self._complain)
            # A task that is cancelled before it has begun would end without a word.
            if self._place.endable and self._begun:
                self.task.cancel()

    def _complain(self) -> None:
        reason = self._stop.value if self._stop else ""
        with about(self._hold):
            log.warning(
                "still runs %g s after %s; its slot stays taken until it ends", PATIENCE, reason
            )

    def _later(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        self._timers.append(self._loop.call_later(seconds, call, *arguments))


def _settled(stop: _Stop, outcome: Outcome, timeout: timedelta | None) -> Outcome:
    """How it ended, seen that it was asked to end."""
    if stop is _Stop.TIMEOUT:
        late = f"\n\n{outcome.error}" if isinstance(outcome, Failed | Cancelled) else ""
        return TimedOut(f"It ran longer than its timeout of {timeout}.{late}")
    if stop is _Stop.CANCEL and not isinstance(outcome, Succeeded | Cancelled):
        return Cancelled(CANCELLED)
    if stop is _Stop.RELEASE and isinstance(outcome, Failed):
        return Interrupted()
    return outcome


def _committed(outcome: Outcome) -> Committed:
    if not isinstance(outcome, Succeeded):
        log.warning(
            "after its transaction had committed its success, which stands: %s",
            getattr(outcome, "error", outcome),
        )
    return Committed()
