"""The limit: the same table, claim and completion in a psycopg loop without a worker.

It calls no functions, logs nothing, and has no heartbeat and no retries.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from benchmarks.queues.handlers import Handler, Style, Work
from benchmarks.queues.server import connect
from benchmarks.queues.starts import start_log
from benchmarks.queues.system import Enqueuer, WorkerOptions
from benchmarks.queues.systems.python_system import PythonSystem

_POLL_SECONDS = 5.0


class Bare(PythonSystem):
    """A bare psycopg loop."""

    name = "bare"
    settings = (
        "claims of 1,000 on one connection (synchronous_commit off) while the last 1,000 are"
        " finished on another; a statement trigger that notifies at each INSERT; bulk by COPY"
    )
    distribution = "psycopg"
    insert_sql: str | None = "INSERT INTO noop_jobs (number) VALUES (1)"

    def refuses(self, handler: Handler) -> str | None:
        """Return why the system cannot run such jobs, or None."""
        if (handler.style, handler.work) != (Style.ASYNC, Work.NOTHING):
            return "calls no functions"
        return None

    def install(self, url: str, kinds: int) -> None:  # noqa: ARG002 -- one table
        """Create the schema in an empty database."""
        with connect(url) as conn:
            conn.execute(self.statement("schema"))

    async def work(self, options: WorkerOptions) -> None:
        """Run a worker until the process is killed."""
        worker, log = uuid4(), start_log()
        claim, finish = self.statement("claim"), self.statement("finish")
        async with (
            await _connect(options.url) as claims,
            await _connect(options.url) as finishes,
            await _connect(options.url) as wakes,
        ):
            await claims.execute("SET synchronous_commit = off")
            await wakes.execute("LISTEN bare")
            finishing: asyncio.Task[Any] | None = None
            while True:
                cursor = await claims.execute(claim, {"worker": worker}, binary=True)
                claimed = await cursor.fetchall()
                for _, number, _ in claimed:
                    log.add(number)
                if finishing:
                    await finishing
                    finishing = None
                if claimed:
                    # A claim is one transaction, so all its rows have the same locked_at.
                    fence = {"worker": worker, "locked_at": claimed[0][2]}
                    done = {**fence, "ids": [job for job, _, _ in claimed]}
                    finishing = asyncio.create_task(finishes.execute(finish, done))
                else:
                    async for _ in wakes.notifies(timeout=_POLL_SECONDS, stop_after=1):
                        pass

    @asynccontextmanager
    async def enqueuer(self, url: str) -> AsyncIterator[Enqueuer]:
        """Connect a client."""
        async with await _connect(url) as conn:
            yield _Inserts(conn)


class _Inserts:
    def __init__(self, conn: _Connection) -> None:
        self._conn = conn

    async def one(self, number: int) -> None:
        await self._conn.execute("INSERT INTO noop_jobs (number) VALUES (%s)", (number,))

    async def many(self, numbers: Sequence[int]) -> None:
        async with (
            self._conn.cursor() as cursor,
            cursor.copy("COPY noop_jobs (number) FROM STDIN") as copy,
        ):
            for number in numbers:
                await copy.write_row((number,))


_Connection = psycopg.AsyncConnection[tuple[UUID, int, datetime]]


async def _connect(url: str) -> _Connection:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=0)


SYSTEM = Bare()
