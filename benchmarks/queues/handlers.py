"""What the benchmark's jobs do. All note their start first; the rest is named by `BENCH_HANDLER`.

Module-level functions, because some systems find a job's function by its import path.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.queues.starts import start_log

HANDLER = "BENCH_HANDLER"


class Style(StrEnum):
    """How a job's function is written and where it runs."""

    ASYNC = "async"
    THREADS = "threads"
    PROCESSES = "processes"


class Work(StrEnum):
    """What a job does after it has noted its start."""

    NOTHING = "nothing"
    SLEEP = "sleep"
    BURN = "burn"


@dataclass(frozen=True, slots=True)
class Handler:
    """A kind of job; `seconds` of sleep, or of the CPU."""

    style: Style = Style.ASYNC
    work: Work = Work.NOTHING
    seconds: float = 0.0

    def environment(self) -> dict[str, str]:
        """What a worker's processes need to know."""
        return {HANDLER: f"{self.style}:{self.work}:{self.seconds}"}

    @classmethod
    def from_environment(cls) -> Handler:
        """The handler that this process was started for."""
        style, work, seconds = os.environ.get(HANDLER, "async:nothing:0").split(":")
        return cls(Style(style), Work(work), float(seconds))


NO_OP = Handler()

HERE = Handler.from_environment()


async def nothing(number: int) -> None:
    """An async job that ends at once."""
    start_log().add(number)


async def sleep(number: int) -> None:
    """An async job that waits."""
    start_log().add(number)
    await asyncio.sleep(HERE.seconds)


def plain_nothing(number: int) -> None:
    """A plain job that ends at once."""
    start_log().add_from_thread(number)


def plain_sleep(number: int) -> None:
    """A plain job that waits."""
    start_log().add_from_thread(number)
    time.sleep(HERE.seconds)


def plain_burn(number: int) -> None:
    """A plain job that uses the CPU."""
    start_log().add_from_thread(number)
    end = time.thread_time() + HERE.seconds
    while time.thread_time() < end:
        pass


_ASYNC: dict[Work, Callable[[int], Awaitable[None]]] = {Work.NOTHING: nothing, Work.SLEEP: sleep}
_PLAIN: dict[Work, Callable[[int], None]] = {
    Work.NOTHING: plain_nothing,
    Work.SLEEP: plain_sleep,
    Work.BURN: plain_burn,
}


def async_job() -> Callable[[int], Awaitable[None]]:
    """This process's job as an async function."""
    return _ASYNC[HERE.work]


def plain_job() -> Callable[[int], None]:
    """This process's job as a plain function."""
    return _PLAIN[HERE.work]
