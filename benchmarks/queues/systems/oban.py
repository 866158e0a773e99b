"""Oban for Python: fetches up to its limit, acknowledges in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from oban import Job, Oban, worker
from oban.schema import install_sql

from benchmarks.queues.handlers import CURRENT, Style, async_job, sync_job
from benchmarks.queues.server import connect
from benchmarks.queues.system import Enqueuer, WorkerOptions
from benchmarks.queues.systems.python_system import PythonSystem

_LIMIT = 1_000
_POOL = 10


@worker()
class Noop:
    """A job that runs `async_job` on the loop, or `sync_job` in a thread."""

    async def process(self, job: Job) -> None:
        """Run the handler of this process."""
        if CURRENT.style is Style.ASYNC:
            await async_job()(job.args["number"])
        else:
            await asyncio.to_thread(sync_job(), job.args["number"])


class ObanSystem(PythonSystem):
    """Oban for Python, https://oban.pro/docs/py."""

    name = "oban"
    distribution = "oban"
    settings = (
        f"queue limit {_LIMIT:,}, pool of {_POOL}, its default maintenance;"
        " synchronous functions by asyncio.to_thread; bulk by enqueue_many"
    )

    def install(self, url: str, kinds: int) -> None:  # noqa: ARG002 -- one table for all kinds
        """Create the schema in an empty database."""
        with connect(url) as conn:
            conn.execute(install_sql().encode())

    async def work(self, options: WorkerOptions) -> None:
        """Run a worker until the process is killed."""
        limit = options.concurrency or _LIMIT
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(limit))
        pool = await Oban.create_pool(options.url, min_size=_POOL, max_size=_POOL)
        async with Oban(pool=pool, queues={"default": limit}):
            await asyncio.Event().wait()

    @asynccontextmanager
    async def enqueuer(self, url: str) -> AsyncIterator[Enqueuer]:
        """Connect a client."""
        pool = await Oban.create_pool(url, min_size=1, max_size=1)
        async with pool:
            yield _Enqueues(Oban(pool=pool))


class _Enqueues:
    def __init__(self, oban: Oban) -> None:
        self._oban = oban

    async def one(self, number: int) -> None:
        await self._oban.enqueue(_job(number))

    async def many(self, numbers: Sequence[int]) -> None:
        await self._oban.enqueue_many(_job(number) for number in numbers)


def _job(number: int) -> Job:
    return Job("benchmarks.queues.systems.oban.Noop", args={"number": number})


SYSTEM = ObanSystem()
