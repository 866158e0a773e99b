"""The functions that the benchmark's jobs run. `BENCH_HANDLER` chooses one for a process.

Each first logs its start. They are module-level functions because some systems find a job's
function by its import path.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.queues.starts import start_log

HANDLER_VARIABLE = "BENCH_HANDLER"


class Style(StrEnum):
    """How a job's function is written, and where it runs."""

    ASYNC = "async"
    THREADS = "threads"
    PROCESSES = "processes"


class Work(StrEnum):
    """What a job does after it has logged its start."""

    NOTHING = "nothing"
    SLEEP = "sleep"
    BURN = "burn"


@dataclass(frozen=True, slots=True)
class Handler:
    """A kind of job; `seconds` is how long it sleeps or uses the CPU."""

    style: Style = Style.ASYNC
    work: Work = Work.NOTHING
    seconds: float = 0.0

    def environment(self) -> dict[str, str]:
        """Return the environment variables that choose this handler in a worker's processes."""
        return {HANDLER_VARIABLE: f"{self.style}:{self.work}:{self.seconds}"}

    @classmethod
    def from_environment(cls) -> Handler:
        """Return the handler that this process was started for."""
        style, work, seconds = os.environ.get(HANDLER_VARIABLE, "async:nothing:0").split(":")
        return cls(Style(style), Work(work), float(seconds))


NO_OP = Handler()

CURRENT = Handler.from_environment()
"""The handler of this process."""


async def nothing(number: int) -> None:
    """Run an async job that does nothing."""
    start_log().add(number)


async def sleep(number: int) -> None:
    """Run an async job that sleeps."""
    start_log().add(number)
    await asyncio.sleep(CURRENT.seconds)


def sync_nothing(number: int) -> None:
    """Run a synchronous job that does nothing."""
    start_log().add_from_thread(number)


def sync_sleep(number: int) -> None:
    """Run a synchronous job that sleeps."""
    start_log().add_from_thread(number)
    time.sleep(CURRENT.seconds)


def sync_burn(number: int) -> None:
    """Run a synchronous job that uses the CPU."""
    start_log().add_from_thread(number)
    end = time.thread_time() + CURRENT.seconds
    while time.thread_time() < end:
        pass


_ASYNC: dict[Work, Callable[[int], Awaitable[None]]] = {Work.NOTHING: nothing, Work.SLEEP: sleep}
_SYNC: dict[Work, Callable[[int], None]] = {
    Work.NOTHING: sync_nothing,
    Work.SLEEP: sync_sleep,
    Work.BURN: sync_burn,
}


def async_job() -> Callable[[int], Awaitable[None]]:
    """Return this process's job as an async function."""
    return _ASYNC[CURRENT.work]


def sync_job() -> Callable[[int], None]:
    """Return this process's job as a synchronous function."""
    return _SYNC[CURRENT.work]
