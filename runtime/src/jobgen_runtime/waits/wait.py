"""`Wait`: one call that waits for the end of one job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg.rows import BaseRowFactory

from jobgen_runtime.table import Table
from jobgen_runtime.waits.schedule import LookSchedule

T = TypeVar("T")


class JobGone(Exception):
    """The table has no such row, or not any more."""


@dataclass(eq=False, slots=True)
class Wait(Generic[T]):
    """A wait for the end of a job.

    Attributes:
        table: The job's table.
        rows: The row factory of its record.
        job: The job's id.
        leave: Called once the wait is over, however it ends.
        result: The job's row once it has ended, or the error that prevents the wait.
        schedule: When to look for the end.
        loop: The event loop that waits; None for a thread.
    """

    table: Table
    rows: BaseRowFactory[T]
    job: UUID
    leave: Callable[[Wait[Any]], None]
    result: Future[T] = field(default_factory=Future)
    schedule: LookSchedule = field(default_factory=lambda: LookSchedule(time.monotonic()))
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_abandoned(self) -> bool:
        """Whether its event loop was closed without an end to the task that waits."""
        return self.loop is not None and self.loop.is_closed()

    def end(self, row: T) -> None:
        """Set the row of the ended job; ignored if the wait is over."""
        with suppress(InvalidStateError):
            self.result.set_result(row)

    def fail(self, error: BaseException) -> None:
        """Set the error that prevents the wait; ignored if the wait is over."""
        with suppress(InvalidStateError):
            self.result.set_exception(error)

    async def until_ended(self, seconds: float | None) -> T | None:
        """Return the row of the ended job; None if it has not ended within that many seconds.

        Raises:
            JobGone: The row was deleted.
            Exception: What else has prevented the wait.
        """
        self.loop = loop = asyncio.get_running_loop()
        is_over = asyncio.Event()

        def wake(_result: Future[T]) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(is_over.set)

        self.result.add_done_callback(wake)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await is_over.wait()
            return self.result.result() if self.result.done() else None
        finally:
            self.leave(self)

    def until_ended_sync(self, seconds: float | None) -> T | None:
        """Wait for the end; the synchronous version of `until_ended`."""
        try:
            return self.result.result(seconds)
        except TimeoutError:
            if self.result.done():
                raise
            return None
        finally:
            self.leave(self)
