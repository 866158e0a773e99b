"""Cancelling a job that a lane holds."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from jobgen_runtime import ConstantBackoff, Job, configure
from jobgen_runtime.executor import Deadline
from jobgen_runtime.worker.cancellations import cancel_job
from jobgen_runtime.worker.completer import complete
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.lane import Lane

from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT, wait_for


class AsyncSleep(Job[ProbeJob]):
    max_concurrency = 1
    backoff = ConstantBackoff(timedelta(0))

    async def perform(self, _job: ProbeJob) -> None:
        await asyncio.sleep(600)


class Stubborn(Job[ProbeJob]):
    """Succeeds although it is interrupted."""

    async def perform(self, _job: ProbeJob) -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            return


class ProcessSleep(Job[ProbeJob]):
    isolation = "process"

    def perform(self, job: ProbeJob) -> None:
        Path(job.what).touch()
        try:
            time.sleep(600)
        finally:
            Path(job.what).unlink()


class ThreadWait(Job[ProbeJob]):
    go: ClassVar = threading.Event()

    def perform(self, job: ProbeJob) -> None:
        assert self.go.wait(TIMEOUT)
        if job.what == "fail":
            raise ValueError("as it would have")


def cancel(
    url: str, kind: type[Job[Any]], jobs: list[UUID], chosen: UUID, begun: Path | None = None
) -> None:
    """Claim the jobs, cancel `chosen` (once the file `begun` exists), and complete it."""
    asyncio.run(_cancel(url, kind, jobs, chosen, begun))


async def _cancel(
    url: str, kind: type[Job[Any]], jobs: list[UUID], chosen: UUID, begun: Path | None
) -> None:
    configure(url)
    events = WorkerEvents()
    worker = uuid4()
    with closing(Deadline()) as deadline:
        lane = Lane(kind, events, deadline)
        conn = await psycopg.AsyncConnection.connect(url, autocommit=True)
        lane.dispatch(await lane.queue.claim(conn, worker, len(jobs)))
        await asyncio.sleep(0.01)
        if begun is not None:
            await asyncio.to_thread(wait_for, begun.exists)
        assert cancel_job(lane, chosen)
        ThreadWait.go.set()
        async with asyncio.timeout(TIMEOUT):
            await events.work.wait()
        assert [claim.id for claim in lane.claims.completions] == [chosen]
        assert not cancel_job(lane, chosen), "the job has ended already"
        await complete(lane, conn)
        assert not lane.claims.completions
        assert not cancel_job(lane, chosen), "the lane no longer holds the job"
        lane.claims.interrupt()
        lane.runners.close()
        await conn.close()


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    yield
    configure()
    ThreadWait.go.clear()


@pytest.mark.parametrize("kind", [AsyncSleep, ProcessSleep])
def test_cancelled_job_is_interrupted_and_fails_with_attempts_left(
    app_database: str, rows: Rows, tmp_path: Path, kind: type[Job[Any]]
) -> None:
    begun = tmp_path / "begun" if kind is ProcessSleep else None
    [job] = rows.insert(str(begun))
    cancel(app_database, kind, [job], job, begun)
    assert begun is None or not begun.exists(), "the process was killed before it could clean up"
    row = rows.get(job)
    assert (row.status, row.attempts_count) == ("job_status_failed", 1)
    assert row.last_error == "The job was cancelled."
    assert row.locked_by is None


def test_cancelled_job_that_waits_for_a_slot_never_starts(app_database: str, rows: Rows) -> None:
    first, second, third = rows.insert(n=3)
    cancel(app_database, AsyncSleep, [first, second, third], second)
    assert rows.get(second).status == "job_status_failed"
    assert rows.get(first).status == rows.get(third).status == "job_status_running"


def test_cancelled_job_that_succeeds_anyway_is_succeeded(app_database: str, rows: Rows) -> None:
    [job] = rows.insert()
    cancel(app_database, Stubborn, [job], job)
    assert rows.get(job).status == "job_status_succeeded"


@pytest.mark.parametrize(("what", "status"), [("fail", "failed"), ("return", "succeeded")])
def test_cancelled_job_in_a_thread_runs_to_its_end_and_is_not_retried(
    app_database: str, rows: Rows, caplog: pytest.LogCaptureFixture, what: str, status: str
) -> None:
    [job] = rows.insert(what)
    cancel(app_database, ThreadWait, [job], job)
    assert rows.get(job).status == f"job_status_{status}"
    assert "a thread cannot be interrupted" in caplog.text


def test_cancelling_a_job_that_the_lane_does_not_hold_returns_false() -> None:
    async def cancel_unknown() -> bool:
        with closing(Deadline()) as deadline:
            return cancel_job(Lane(AsyncSleep, WorkerEvents(), deadline), uuid4())

    assert not asyncio.run(cancel_unknown())
