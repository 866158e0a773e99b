"""chancy: fetches up to its concurrency, writes finished jobs once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from chancy import Chancy, Job, Queue, Worker

from benchmarks.queues.handlers import CURRENT, Handler, Style, async_job, sync_job
from benchmarks.queues.system import Enqueuer, WorkerOptions
from benchmarks.queues.systems.python_system import PythonSystem

_CONCURRENCY = 1_000
_EXECUTORS = {
    Style.ASYNC: Chancy.Executor.Async,
    Style.THREADS: Chancy.Executor.Threaded,
    Style.PROCESSES: Chancy.Executor.Process,
}

perform = async_job() if CURRENT.style is Style.ASYNC else sync_job()
"""The job, which its executors import from here."""


class ChancySystem(PythonSystem):
    """chancy, https://tkte.ch/chancy."""

    name = "chancy"
    distribution = "chancy"
    settings = (
        f"concurrency {_CONCURRENCY:,}, eager_polling, notifications on, its default plugins;"
        " synchronous functions by its threaded and process executors; bulk by push_many"
    )

    def refuses(self, handler: Handler) -> str | None:  # noqa: ARG002 -- it runs all kinds
        """Return why the system cannot run such jobs, or None."""
        return None

    def install(self, url: str, kinds: int) -> None:  # noqa: ARG002 -- one table for all kinds
        """Create the schema in an empty database."""

        async def make() -> None:
            async with _app(url) as app:
                await app.migrate()

        asyncio.run(make())

    async def work(self, options: WorkerOptions) -> None:
        """Run a worker until the process is killed."""
        processes: dict[str, Any] = {"maximum_jobs_per_worker": 1_000_000}
        queue = Queue(
            "default",
            concurrency=options.concurrency or _CONCURRENCY,
            executor=_EXECUTORS[options.style],
            executor_options=processes if options.style is Style.PROCESSES else {},
            eager_polling=True,
        )
        async with _app(options.url) as app:
            await app.declare(queue, upsert=True)
            async with Worker(app, register_signal_handlers=False) as worker:
                await worker.wait_for_shutdown()

    @asynccontextmanager
    async def enqueuer(self, url: str) -> AsyncIterator[Enqueuer]:
        """Connect a client."""
        async with _app(url) as app:
            yield _Pushes(app)


class _Pushes:
    def __init__(self, app: Chancy) -> None:
        self._app = app

    async def one(self, number: int) -> None:
        await self._app.push(_job(number))

    async def many(self, numbers: Sequence[int]) -> None:
        async for _ in self._app.push_many([_job(number) for number in numbers]):
            pass


def _job(number: int) -> Job:
    return Job(func="benchmarks.queues.systems.chancy.perform", kwargs={"number": number})


def _app(url: str) -> Chancy:
    # Its own logger writes a line for each job.
    return Chancy(url, log=logging.getLogger("chancy"))


SYSTEM = ChancySystem()
