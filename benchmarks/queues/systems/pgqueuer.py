"""PgQueuer: batches over one connection, buffered completions; finished jobs move to a log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import asyncpg
from pgqueuer import AsyncpgDriver, Job, PgQueuer, Queries

from benchmarks.queues.handlers import Style, async_job, sync_job
from benchmarks.queues.system import Enqueuer, WorkerOptions
from benchmarks.queues.systems.python_system import PythonSystem

_BATCH = 500


class PgQueuerSystem(PythonSystem):
    """PgQueuer, https://pgqueuer.readthedocs.io."""

    name = "pgqueuer"
    distribution = "pgqueuer"
    settings = (
        f"batch_size {_BATCH}, a direct asyncpg connection, durability durable, its autovacuum"
        " settings applied; synchronous functions by asyncio.to_thread; bulk by enqueue of lists"
    )

    def install(self, url: str, kinds: int) -> None:  # noqa: ARG002 -- one table for all kinds
        """Create the schema in an empty database."""

        async def make() -> None:
            conn = await asyncpg.connect(url)
            try:
                queries = Queries(AsyncpgDriver(conn))
                await queries.install()
                await queries.optimize_autovacuum()
            finally:
                await conn.close()

        asyncio.run(make())

    async def work(self, options: WorkerOptions) -> None:
        """Run a worker until the process is killed."""
        # A cap must be at least two batches.
        batch = min(_BATCH, options.concurrency // 2) if options.concurrency else _BATCH
        app = PgQueuer(AsyncpgDriver(await asyncpg.connect(options.url)))
        if options.style is Style.ASYNC:
            perform = async_job()

            @app.entrypoint("noop")
            async def noop(job: Job) -> None:
                await perform(int(job.payload or b""))

        else:
            function = sync_job()
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(options.concurrency))

            @app.entrypoint("noop")
            async def noop(job: Job) -> None:
                await asyncio.to_thread(function, int(job.payload or b""))

        await app.run(batch_size=batch, max_concurrent_tasks=options.concurrency)

    @asynccontextmanager
    async def enqueuer(self, url: str) -> AsyncIterator[Enqueuer]:
        """Connect a client."""
        conn = await asyncpg.connect(url)
        try:
            yield _Enqueues(Queries(AsyncpgDriver(conn)))
        finally:
            await conn.close()


class _Enqueues:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def one(self, number: int) -> None:
        await self._queries.enqueue("noop", b"%d" % number)

    async def many(self, numbers: Sequence[int]) -> None:
        count = len(numbers)
        await self._queries.enqueue(["noop"] * count, [b"%d" % n for n in numbers], [0] * count)


SYSTEM = PgQueuerSystem()
