"""procrastinate: one job per PL/pgSQL call, an event row for each change of a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from procrastinate import App, PsycopgConnector

from benchmarks.queues.handlers import Style, async_job, sync_job
from benchmarks.queues.system import Enqueuer, WorkerOptions
from benchmarks.queues.systems.python_system import PythonSystem

_CONCURRENCY = 20
_POOL = 10


class Procrastinate(PythonSystem):
    """procrastinate, https://procrastinate.readthedocs.io."""

    name = "procrastinate"
    distribution = "procrastinate"
    settings = (
        f"concurrency {_CONCURRENCY}, pool of {_POOL}, LISTEN on, finished jobs kept;"
        " synchronous functions in as many threads of asyncio; bulk by batch_defer"
    )

    def install(self, url: str, kinds: int) -> None:  # noqa: ARG002 -- one table for all kinds
        """Create the schema in an empty database."""
        app = App(connector=PsycopgConnector(conninfo=url).get_sync_connector())
        with app.open():
            app.schema_manager.apply_schema()

    async def work(self, options: WorkerOptions) -> None:
        """Run a worker until the process is killed."""
        concurrency = options.concurrency or _CONCURRENCY
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
        app = _app(options.url, _POOL)
        app.task(name="noop")(async_job() if options.style is Style.ASYNC else sync_job())
        async with app.open_async():
            await app.run_worker_async(concurrency=concurrency, install_signal_handlers=False)

    @asynccontextmanager
    async def enqueuer(self, url: str) -> AsyncIterator[Enqueuer]:
        """Connect a client."""
        async with _app(url, 1).open_async() as app:
            yield _Defers(app)


class _Defers:
    def __init__(self, app: App) -> None:
        self._noop = app.configure_task("noop")

    async def one(self, number: int) -> None:
        await self._noop.defer_async(number=number)

    async def many(self, numbers: Sequence[int]) -> None:
        jobs: list[dict[str, Any]] = [{"number": number} for number in numbers]
        await self._noop.batch_defer_async(*jobs)


def _app(url: str, pool: int) -> App:
    return App(connector=PsycopgConnector(conninfo=url, min_size=pool, max_size=pool))


SYSTEM = Procrastinate()
