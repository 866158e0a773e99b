"""Requests to cancel a job at the moment when the job changes hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from jobgen_runtime import ConstantBackoff, Job
from jobgen_runtime.control import cancel_job
from jobgen_runtime.executor import Deadline
from jobgen_runtime.queue import Probes
from jobgen_runtime.queue.probes import CancellationRequest
from jobgen_runtime.worker.cancellations import Cancellations
from jobgen_runtime.worker.completer import complete
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes

from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT

Conn = psycopg.AsyncConnection[Any]


class Failing(Job[ProbeJob]):
    """Fails if the row says so, and is due again at once."""

    backoff = ConstantBackoff(timedelta(0))

    async def perform(self, job: ProbeJob) -> None:
        if job.what == "fail":
            raise ValueError
        await asyncio.sleep(600)


class SlowProbes(Probes):
    """Run `before_answer` between reading the requests and returning them."""

    before_answer: Callable[[], Awaitable[None]] | None = None

    async def cancellations(
        self, conn: Conn, worker: UUID
    ) -> tuple[list[CancellationRequest], set[str]]:
        answer = await super().cancellations(conn, worker)
        if self.before_answer is not None:
            await self.before_answer()
        return answer


@dataclass
class WorkerParts:
    """The parts of a worker that cancelling needs."""

    id: UUID
    lane: Lane
    probes: SlowProbes
    cancellations: Cancellations
    events: WorkerEvents

    async def claim(self, conn: Conn) -> None:
        self.lane.dispatch(await self.lane.queue.claim(conn, self.id, 1))

    async def apply_cancellations(self, conn: Conn) -> None:
        await self.cancellations.apply(conn, self.id)


@asynccontextmanager
async def workers(url: str, number: int) -> AsyncIterator[tuple[Conn, list[WorkerParts]]]:
    with closing(Deadline()) as deadline:
        made: list[WorkerParts] = []
        for _ in range(number):
            events = WorkerEvents()
            lane = Lane(Failing, events, deadline)
            probes = SlowProbes([ProbeJob.__table__])
            made.append(
                WorkerParts(uuid4(), lane, probes, Cancellations(Lanes([lane]), probes), events)
            )
        async with (
            await psycopg.AsyncConnection.connect(url, autocommit=True) as conn,
            asyncio.timeout(TIMEOUT),
        ):
            yield conn, made
            for worker in made:
                worker.lane.claims.interrupt()
                worker.lane.runners.close()


def test_job_completed_while_requests_are_read_does_not_start_again(
    app_database: str, rows: Rows
) -> None:
    [job] = rows.insert("fail")

    async def scenario() -> None:
        async with workers(app_database, 1) as (conn, [worker]):
            await worker.claim(conn)
            await worker.events.work.wait()
            await cancel_job(conn, ProbeJob.__table__, job)
            worker.probes.before_answer = lambda: complete(worker.lane, conn)
            worker.cancellations.request()
            await worker.apply_cancellations(conn)

    asyncio.run(scenario())
    row = rows.get(job)
    assert (row.status, row.last_error) == ("job_status_failed", "The job was cancelled.")
    assert rows.conn.execute("SELECT FROM job_cancellations").fetchall() == []


def test_job_claimed_by_a_worker_that_has_read_the_requests_is_cancelled_there(
    app_database: str, rows: Rows
) -> None:
    [job] = rows.insert("fail")

    async def scenario() -> None:
        async with workers(app_database, 2) as (conn, [first, second]):
            await first.claim(conn)
            await first.events.work.wait()
            await cancel_job(conn, ProbeJob.__table__, job)
            second.cancellations.request()
            await second.apply_cancellations(conn)
            # The first worker has not read the request yet.
            await complete(first.lane, conn)
            rows.conn.execute("UPDATE probe_jobs SET what = 'sleep'")
            await second.claim(conn)
            second.events.work.clear()
            await second.apply_cancellations(conn)
            await second.events.work.wait()
            await complete(second.lane, conn)
            await second.apply_cancellations(conn)

    asyncio.run(scenario())
    row = rows.get(job)
    assert (row.status, row.last_error) == ("job_status_failed", "The job was cancelled.")
    assert row.attempts_count == 2
    assert rows.conn.execute("SELECT FROM job_cancellations").fetchall() == []
