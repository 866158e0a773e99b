"""`job.wait()` returns the job once it has ended, woken by a notification."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from jobgen_runtime import JobStatus, RecordNotFound, WaitNotAllowed, WaitTimedOut, configure
from jobgen_runtime.contract.context import Fence, JobContext, current_job
from jobgen_runtime.database import close_pool, close_pool_sync
from jobgen_runtime.queue import JobQueue
from jobgen_runtime.waits import schedule
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob
from tests.support.waiting import TIMEOUT, wait_for

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'jobgen waits' AND datname = current_database()
"""
IDLE = WAITING + " AND state = 'idle'"
AWAITED = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = hashtext('jobgen_awaited')::bigint & 4294967295
"""


@pytest.fixture
def url(app_database: str) -> Iterator[str]:
    configure(app_database)
    yield app_database
    close_pool_sync()
    configure(None)


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection in autocommit mode, of the owner of the tables."""
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only the look at the beginning of a wait: what ends it then was a notification."""
    monkeypatch.setattr(schedule, "FIRST_INTERVAL", 10 * TIMEOUT)


def run(body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the body on a new event loop, and close the loop's pool."""

    async def closing() -> None:
        try:
            await body()
        finally:
            await close_pool()

    asyncio.run(closing())


def count(conn: psycopg.Connection[Any], query: str) -> int:
    found = conn.execute(query.encode()).fetchone()
    assert found is not None
    return int(found[0])


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition while the event loop goes on."""
    await asyncio.to_thread(wait_for, condition)


@pytest.mark.usefixtures("no_looks")
def test_many_waits_share_a_connection_and_completions_notify_only_while_there_are_any(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    async def body() -> None:
        jobs = await ProbeJob.create_many([{"what": "x"}] * 30)
        queue, worker = JobQueue(ProbeJob), uuid4()
        owner.execute("LISTEN job_ends")
        async with await AsyncConnection.connect(url, autocommit=True) as conn:
            claims = await queue.claim(conn, worker, 30)
            # Nothing waits yet.
            await queue.completions.succeed(conn, claims[:10])
            started = [job.wait(timeout=TIMEOUT) for job in jobs]
            waits = asyncio.gather(*started, asyncio.to_thread(jobs[29].wait_sync, timeout=TIMEOUT))
            await until(lambda: count(owner, AWAITED) == 1)
            # The first look is over once the thread has nothing left to do.
            await until(lambda: count(owner, IDLE) == 1)
            await queue.completions.succeed(conn, claims[10:20])
            await queue.completions.fail(conn, claims[20:], ["e"] * 10, JobStatus.FAILED)
            *ended, last = await waits
            assert last is jobs[29]
            assert ended == jobs
            assert [job.status for job in jobs[:20]] == [JobStatus.SUCCEEDED] * 20
            assert [(job.status, job.last_error) for job in jobs[20:]] == [
                (JobStatus.FAILED, "e")
            ] * 10
            await until(lambda: count(owner, AWAITED) == 0)
            sent = len(list(owner.notifies(timeout=0)))
            assert sent == 2
            [job] = await ProbeJob.create_many([{"what": "x"}])
            await queue.completions.succeed(conn, await queue.claim(conn, worker, 1))
            assert (await job.wait()).status is JobStatus.SUCCEEDED
            assert not list(owner.notifies(timeout=0))

    run(body)


@pytest.mark.usefixtures("no_looks")
def test_wait_is_woken_by_a_cancellation_and_by_a_success_in_the_jobs_transaction(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    async def body() -> None:
        cancelled, transacted = await ProbeJob.create_many([{"what": "x"}] * 2)
        async with await AsyncConnection.connect(url, autocommit=True) as conn:
            claims = await JobQueue(ProbeJob).claim(conn, uuid4(), 1)
            [claim] = claims
            assert claim.id == cancelled.id
            for job, end in ((transacted, transacted.cancel), (cancelled, commit(claim))):
                wait = asyncio.create_task(job.wait(timeout=TIMEOUT))
                await until(lambda: count(owner, AWAITED) == 1)
                await until(lambda: count(owner, IDLE) == 1)
                await end()
                await wait
                await until(lambda: count(owner, AWAITED) == 0)
        assert transacted.status is JobStatus.FAILED
        assert cancelled.status is JobStatus.SUCCEEDED

    def commit(claim: Any) -> Callable[[], Coroutine[Any, Any, None]]:
        async def end() -> None:
            token = current_job.set(JobContext("Probe", "probe_jobs", claim.id, 1, claim.fence))
            async with claim.record.transaction():
                pass
            current_job.reset(token)

        return end

    run(body)


def test_wait_finds_ends_that_do_not_notify_and_survives_a_broken_connection(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    async def body() -> None:
        by_sql, deleted = await ProbeJob.create_many([{"what": "x"}] * 2)
        waits = [asyncio.create_task(job.wait(timeout=TIMEOUT)) for job in (by_sql, deleted)]
        await until(lambda: count(owner, AWAITED) == 1)
        break_all = WAITING.replace("count(*)", "count(pg_terminate_backend(pid))")
        assert count(owner, break_all) == 1
        owner.execute(
            "UPDATE probe_jobs SET status = 'job_status_timed_out' WHERE id = %s", [by_sql.id]
        )
        owner.execute("DELETE FROM probe_jobs WHERE id = %s", [deleted.id])
        assert await waits[0] is by_sql
        assert by_sql.status is JobStatus.TIMED_OUT
        with pytest.raises(RecordNotFound, match="It was deleted, or its transaction"):
            await waits[1]
        wait = asyncio.create_task((await ProbeJob.create(what="x")).wait(timeout=TIMEOUT))
        await until(lambda: count(owner, AWAITED) == 1)
        owner.execute("DROP TABLE probe_jobs")
        with pytest.raises(UndefinedTable):
            await wait

    run(body)


def test_wait_that_has_ended_costs_nothing_while_its_loop_is_blocked(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    async def body() -> None:
        job = await ProbeJob.create(what="x")
        wait = asyncio.create_task(job.wait(timeout=TIMEOUT))
        await until(lambda: count(owner, AWAITED) == 1)
        job.cancel_sync()
        # This blocks the loop, on purpose.
        wait_for(lambda: count(owner, AWAITED) == 0)
        assert not wait.done()
        assert (await wait).status is JobStatus.FAILED

    run(body)


def test_wait_of_a_closed_loop_is_forgotten_and_those_of_others_go_on(
    url: str, owner: psycopg.Connection[Any]
) -> None:
    first, second = ProbeJob.create_many_sync([{"what": "x"}] * 2)
    loop = asyncio.new_event_loop()
    abandoned: Any = loop.create_task(first.wait())
    abandoned._log_destroy_pending = False
    loop.run_until_complete(until(lambda: count(owner, AWAITED) == 1))
    loop.run_until_complete(close_pool())
    loop.close()
    thread = threading.Thread(target=second.wait_sync, kwargs={"timeout": TIMEOUT})
    thread.start()
    assert second.cancel_sync()
    thread.join(TIMEOUT)
    assert second.status is JobStatus.FAILED
    wait_for(lambda: count(owner, AWAITED) == 0, "the abandoned wait is forgotten")
    assert not abandoned.done()
    assert first.cancel_sync()


def test_forked_process_leaves_the_waits_of_its_parent_alone(app: Application, rows: Rows) -> None:
    app.write(
        "program.py",
        """
        import os, threading, time
        from Generated.Types import ProbeJob
        from jobgen_runtime import WaitTimedOut

        job = ProbeJob.create_sync(what="x")
        thread = threading.Thread(target=job.wait_sync, kwargs={"timeout": 60})
        thread.start()
        while not os.path.exists("go"):
            time.sleep(0.01)
        child = os.fork()
        if child == 0:
            try:
                ProbeJob.get_sync(job.id).wait_sync(timeout=0.2)
            except WaitTimedOut:
                os._exit(7)
            os._exit(8)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert job.cancel_sync()
        thread.join(60)
        print(job.status.name, flush=True)
        """,
    )
    program = app.start("python", "program.py")
    wait_for(lambda: count(rows.conn, AWAITED) == 1)
    app.write("go", "")
    program.wait_for_line("FAILED")
    program.wait_for_exit()


def test_wait_that_cannot_end_or_has_an_invalid_timeout_is_refused(url: str) -> None:
    job, other = ProbeJob.create_many_sync([{"what": "x"}] * 2)
    with pytest.raises(WaitTimedOut, match=f"id={job.id} has not ended within 0.2 s.\nThe job go"):
        job.wait_sync(timeout=timedelta(milliseconds=200))
    with pytest.raises(TimeoutError, match="within 0 s"):
        job.wait_sync(timeout=0)
    for timeout in (-1, timedelta(seconds=-1), math.nan, math.inf):
        with pytest.raises(
            ValueError, match=r"^ProbeJob\.wait_sync\(\) takes a timedelta or a number"
        ):
            job.wait_sync(timeout=timeout)
    for wrong in ("5", True):
        with pytest.raises(TypeError, match="as long as it takes; not "):
            job.wait_sync(timeout=wrong)  # type: ignore[arg-type]
    with pytest.raises(RecordNotFound, match="made by build"):
        ProbeJob.build(what="x").wait_sync()
    with psycopg.connect(url) as conn:
        uncommitted = ProbeJob.create_sync(conn, what="x")
        with pytest.raises(RecordNotFound, match="is not committed yet: commit before you wait"):
            uncommitted.wait_sync()
    context = JobContext("Probe", "probe_jobs", job.id, 1, Fence(uuid4(), "now"))
    token = current_job.set(context)
    with pytest.raises(WaitNotAllowed, match="waits for itself"):
        job.wait_sync(timeout=5)
    with pytest.raises(WaitNotAllowed, match=r"by a job of the same kind, without a timeout"):
        other.wait_sync()
    with pytest.raises(WaitTimedOut, match="The job that waits has a slot of the same kind"):
        other.wait_sync(timeout=0.01)
    current_job.reset(token)

    async def body() -> None:
        with pytest.raises(WaitNotAllowed, match=r"Write `await job\.wait"):
            job.wait_sync()
        with pytest.raises(WaitTimedOut):
            await job.wait(timeout=0.1)

    run(body)


def test_job_waits_for_another_of_its_kind_while_a_request_waits_for_both(
    app: Application, rows: Rows, url: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "parent":
                child = await ProbeJob.create(what="child")
                await child.wait(timeout=60)
                await job.update(what=f"saw {child.status.name} {child.what}")
            else:
                await job.update(what="result")
        """,
        options="max_concurrency = 2\n",
    )
    app.run_jobs()
    parent = ProbeJob.create_sync(what="parent")
    assert parent.wait_sync(timeout=TIMEOUT) is parent
    assert (parent.status, parent.what) == (JobStatus.SUCCEEDED, "saw SUCCEEDED result")
