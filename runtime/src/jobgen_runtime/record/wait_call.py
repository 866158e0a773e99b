"""`WaitCall`: check a call of `wait`, and explain why it did not return the job."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from jobgen_runtime.contract.context import current_job
from jobgen_runtime.contract.errors import RecordNotFound, WaitNotAllowed, WaitTimedOut
from jobgen_runtime.record.errors import (
    describe_key,
    invalid_timeout,
    no_job_to_wait_for,
    wait_timed_out,
)
from jobgen_runtime.table import Table
from jobgen_runtime.waits import JobGone


class WaitCall:
    """One call of `wait` or `wait_sync`.

    Args:
        cls: The record class.
        table: The job's table.
        key: The row's primary key, which is its id.
        method: The method that was called.
        timeout: Its timeout.

    Attributes:
        job: The job's id.

    Raises:
        TypeError, ValueError: The timeout is invalid.
        WaitNotAllowed: The wait would, or could, never end.
    """

    def __init__(
        self,
        cls: type,
        table: Table,
        key: tuple[object, ...],
        *,
        method: str,
        timeout: timedelta | float | None,
    ) -> None:
        self._cls, self._table, self._key = cls, table, key
        self._seconds = _timeout_seconds(f"{cls.__name__}.{method}", timeout)
        self._start = time.monotonic()
        # As text, because the application may load a UUID as something else.
        self.job = UUID(str(key[0]))
        self._in_same_kind = self._require_possible_end(method)

    @property
    def seconds_left(self) -> float | None:
        """How much of the timeout is left; None if there is none."""
        if self._seconds is None:
            return None
        return max(self._start + self._seconds - time.monotonic(), 0.0)

    def timed_out(self) -> WaitTimedOut:
        """Return the error of a job that has not ended in time."""
        return wait_timed_out(
            self._cls,
            self._table,
            self._key,
            after=timedelta(seconds=self._seconds or 0),
            in_same_kind=self._in_same_kind,
        )

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Explain why the row is not there.

        Raises:
            RecordNotFound: It is not.
        """
        try:
            yield
        except (JobGone, RecordNotFound):
            raise no_job_to_wait_for(self._cls, self._table, self._key) from None

    def _require_possible_end(self, method: str) -> bool:
        """Return whether the call is made by a job of the same kind."""
        described = f"The {self._cls.__name__} with {describe_key(self._table, self._key)}"
        # The function that returns None instead of raising an error has no public name.
        if method == "wait_sync" and asyncio._get_running_loop() is not None:  # noqa: SLF001
            raise WaitNotAllowed(
                f"{described} was waited for with wait_sync() in a thread that runs an event loop, "
                "which would stand still.",
                hint="Write `await job.wait(…)`.",
            )
        context = current_job.get()
        if context is None or context.table != self._table.qualified_name:
            return False
        if context.id == self.job:
            raise WaitNotAllowed(
                f"{described} waits for itself: it runs until its perform returns.",
                hint="Wait for another job, or outside of it.",
            )
        if self._seconds is None:
            raise WaitNotAllowed(
                f"{described} was waited for by a job of the same kind, without a timeout.",
                hint="If all slots of a kind wait, none is free for the job that they wait for. "
                "Pass a timeout, as in `await job.wait(timeout=60)`.",
            )
        return True


def _timeout_seconds(caller: str, timeout: timedelta | float | None) -> float | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, timedelta | int | float):
        raise invalid_timeout(caller, timeout)
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if not seconds >= 0 or seconds == math.inf:
        raise invalid_timeout(caller, timeout)
    # What threads can wait for: centuries.
    return float(min(seconds, threading.TIMEOUT_MAX))
