"""The connection pools of records, which a program neither opens nor closes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import CodeType
from typing import cast

import psycopg
import pytest
from jobgen_runtime import configure
from jobgen_runtime.database import close_pool_sync, pooled_session
from jobgen_runtime.database.async_pool import AsyncPool
from jobgen_runtime.database.loop_pools import LoopPools
from jobgen_runtime.database.pooled_session import PooledSession
from psycopg.pq import ConnStatus

from jobgen.postgres import temporary_server
from tests.support.application import Application
from tests.support.database import install_app_schema
from tests.support.own_server import own_server
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.shop_types import Band
from tests.support.waiting import wait_for

HEAD = """
import asyncio, gc, os, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from Generated.Types import Band

async def use():
    await asyncio.gather(*(Band.create(name="x") for _ in range(3)))

async def use_in_vain():
    task = asyncio.create_task(forget())
    await use()
    await asyncio.sleep(0.01)

async def forget():
    while True:
        await use()

"""

WAYS_TO_END = {
    "asyncio.run": "asyncio.run(use())",
    "asyncio.run with a task left": "asyncio.run(use_in_vain())",
    "close": """
loop = asyncio.new_event_loop()
loop.run_until_complete(use())
loop.close()
""",
    "close with a task left": """
loop = asyncio.new_event_loop()
loop.run_until_complete(use_in_vain())
loop.close()
del loop
gc.collect()
""",
    "close after an interrupted statement": """
loop = asyncio.new_event_loop()
for step in range(40):
    task = loop.create_task(use())
    loop.call_later(step / 4000, loop.stop)
    loop.run_forever()
loop.close()
del loop, task
gc.collect()
""",
    "drop": """
loop = asyncio.new_event_loop()
loop.run_until_complete(use())
del loop
gc.collect()
""",
    "thread": """
thread = threading.Thread(target=lambda: asyncio.run(use()))
thread.start()
thread.join()
""",
    "nested": """
async def outer():
    await use()
    await asyncio.to_thread(asyncio.run, use())
asyncio.run(outer())
""",
    "error": """
async def fail():
    await use()
    raise ValueError
try:
    asyncio.run(fail())
except ValueError:
    pass
""",
    "cancelled before its first step": """
async def fail():
    asyncio.get_running_loop().create_task(use())
    raise ValueError
try:
    asyncio.run(fail())
except ValueError:
    pass
""",
    "uvloop": """
import uvloop
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(use())
""",
    "uvloop closed with a task left": """
import uvloop
loop = uvloop.new_event_loop()
loop.run_until_complete(use_in_vain())
loop.close()
del loop
gc.collect()
""",
}


def start(app: Application, text: str) -> Process:
    app.write("program.py", HEAD + text + "\nprint('over', flush=True)\nthreading.Event().wait()\n")
    app.env["PGAPPNAME"] = "program"
    return app.start("python", "program.py")


def connections(rows: Rows) -> int:
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'program' AND datname = current_database()
    """
    [(count,)] = rows.conn.execute(query)
    return int(count)


@pytest.mark.parametrize("way", WAYS_TO_END)
def test_event_loop_that_ends_leaves_no_connection(app: Application, rows: Rows, way: str) -> None:
    start(app, f"{WAYS_TO_END[way]}\n" * 3).wait_for_line("over")
    wait_for(lambda: connections(rows) == 0, lambda: f"{connections(rows)} connections are left")


def test_loops_and_pools_that_end_leave_no_errors_in_the_log_of_the_server() -> None:
    async def use() -> None:
        await asyncio.gather(*(Band.create(name="x") for _ in range(3)))

    with own_server() as server:
        install_app_schema(server.url)
        configure(server.url)
        close_pool_sync()
        for _ in range(20):
            asyncio.run(use())
            Band.create_sync(name="x")
            close_pool_sync()
        configure()
        with psycopg.connect(server.url, autocommit=True) as conn:
            others = (
                "SELECT FROM pg_stat_activity WHERE client_port = -1 AND pid <> pg_backend_pid()"
            )
            wait_for(lambda: not conn.execute(others).fetchall())
            log = server.read_log()
    assert "ready to accept connections" in log
    assert "client" not in log


def test_two_hundred_short_loops_in_threads_need_few_connections_at_once(
    app: Application, rows: Rows
) -> None:
    text = """
with ThreadPoolExecutor(8) as threads:
    for _ in range(200):
        threads.submit(lambda: asyncio.run(use()))
"""
    program = start(app, text)
    counts: list[int] = []

    def are_all_inserted() -> bool:
        counts.append(connections(rows))
        return rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (600,)

    wait_for(are_all_inserted)
    program.wait_for_line("over")
    # Each of the loops that live at a time has at most one connection for each statement.
    assert 0 < max(counts) <= 8 * 3
    wait_for(lambda: connections(rows) == 0)


def test_loops_of_several_threads_get_their_pools_at_the_same_time() -> None:
    """A loop that is new to a program lists the pools of others, while these come and go."""

    class Pool:
        pid = os.getpid()
        is_closed = False

        def __init__(self) -> None:
            self.sessions = set[PooledSession]()

        def close_idle(self, *, unused_for: float = 0) -> None: ...

    pools = LoopPools(cast(Callable[[], AsyncPool], Pool))

    async def get() -> None:
        pools.get()

    def use_loops() -> None:
        for _ in range(50):
            asyncio.run(get())

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(16) as threads:
            for used in [threads.submit(use_loops) for _ in range(16)]:
                used.result()
    finally:
        sys.setswitchinterval(interval)


@pytest.fixture
def own_database() -> Iterator[str]:
    """The conninfo of a database on a server of this machine, whose processes can be stopped."""
    with temporary_server() as url:
        yield url


def test_session_that_one_thread_closes_is_left_alone_by_others(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that closes its loop and one that closes idle sessions may pick the same session."""
    monkeypatch.setattr(pooled_session, "_CLOSE_WAIT_MS", 10_000)
    pools = LoopPools(lambda: AsyncPool(lambda: own_database, 1))
    loop = asyncio.new_event_loop()

    async def use_and_stop_the_backend() -> tuple[AsyncPool, int]:
        pool = pools.get()
        async with pool.for_statements() as conn:
            await conn.execute("SELECT 1")
            os.kill(conn.pgconn.backend_pid, signal.SIGSTOP)
            return pool, conn.pgconn.backend_pid

    pool, backend = loop.run_until_complete(use_and_stop_the_backend())
    closing = threading.Thread(target=loop.close)  # it waits for the backend
    try:
        [session] = pool.sessions
        closing.start()
        wait_for(lambda: is_in(closing, PooledSession.close.__code__))
        pool.close_idle()
        assert session.pgconn.status == ConnStatus.OK
    finally:
        os.kill(backend, signal.SIGCONT)
    closing.join()
    assert session.pgconn.status == ConnStatus.BAD


def is_in(thread: threading.Thread, code: CodeType) -> bool:
    """Return whether a thread executes the code of a function."""
    frame = sys._current_frames().get(thread.ident or 0)
    return any(each.f_code is code for each, _ in traceback.walk_stack(frame))


def test_loops_that_are_dropped_unclosed_do_not_add_up(app: Application, rows: Rows) -> None:
    text = """
gc.disable()
for _ in range(20):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(use())
"""
    start(app, text).wait_for_line("over")
    wait_for(lambda: connections(rows) <= 3, lambda: f"{connections(rows)} connections are left")


def test_forked_child_uses_no_connection_of_its_parent(app: Application, rows: Rows) -> None:
    text = """
loop = asyncio.new_event_loop()
loop.run_until_complete(use())
child = os.fork()
if child == 0:
    loop.run_until_complete(use())
    Band.create_sync(name="x")
    loop.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
loop.run_until_complete(use())
loop.close()
"""
    start(app, text).wait_for_line("over")
    assert rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (10,)
    wait_for(lambda: connections(rows) == 0)


def test_synchronous_job_may_run_a_separate_event_loop(app: Application, rows: Rows) -> None:
    app.write_job(
        """
def perform(self, job):
    asyncio.run(self.work())

async def work(self):
    from Generated.Types import Band
    await Band.create(name="x")
"""
    )
    rows.insert(n=200)
    app.env["PGAPPNAME"] = "program"
    app.start("run-jobs", "--drain").wait_for_exit()
    [(succeeded,)] = rows.conn.execute(
        "SELECT count(*) FROM probe_jobs WHERE status = 'job_status_succeeded'"
    )
    assert succeeded == 200


def test_program_exits_while_its_pool_is_still_connecting(app: Application, rows: Rows) -> None:
    app.write(
        "program.py",
        """
        import asyncio
        from Generated.Types import Band

        async def main():
            await asyncio.gather(*(Band.create(name="x") for _ in range(10)))

        for _ in range(30):
            asyncio.run(main())
        """,
    )
    program = app.start("python", "program.py")
    program.wait_for_exit()
    assert rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (300,)
