"""All pools as one session whose transaction is rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import psycopg
import pytest
from jobgen_runtime import connection, connection_sync
from jobgen_runtime.database.pool_errors import NoFreeConnection
from jobgen_runtime.database.pools import replace_pools
from jobgen_runtime.database.rolled_back import (
    RolledBackAsyncPool,
    RolledBackSession,
    RolledBackSyncPool,
    TransactionWasEnded,
)
from psycopg.conninfo import make_conninfo
from psycopg.errors import DivisionByZero, ForeignKeyViolation, UniqueViolation

from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob


@pytest.fixture
def session(app_database: str, rows: Rows) -> Iterator[RolledBackSession]:
    """The session, in the place of the pools; nothing that it wrote is left afterwards."""
    rows.insert("before")
    opened = RolledBackSession(app_database)
    with replace_pools(RolledBackAsyncPool(opened), RolledBackSyncPool(opened)):
        yield opened
    opened.close()
    found = rows.conn.execute("SELECT what FROM probe_jobs").fetchall()
    assert [row[0] for row in found] == ["before"]


async def count() -> int:
    [row] = await ProbeJob.fetch_all("SELECT * FROM probe_jobs ORDER BY id LIMIT 1")
    assert row.what == "before"
    async with connection() as conn:
        cursor = await conn.execute("SELECT count(*)::int FROM probe_jobs")
        return int((await cursor.fetchone() or (0,))[0])


@pytest.mark.usefixtures("session")
def test_statement_that_fails_undoes_itself_alone() -> None:
    async def run() -> None:
        made = await ProbeJob.create(what="first")
        with pytest.raises(UniqueViolation):
            await ProbeJob.create(id=made.id)
        async with connection() as conn:
            await conn.execute("INSERT INTO probe_jobs (what) VALUES ('second')")
            with pytest.raises(DivisionByZero):
                await conn.execute("SELECT 1 / 0")
            cursor = conn.cursor()
            with pytest.raises(UniqueViolation):
                await cursor.executemany(
                    "INSERT INTO probe_jobs (id) VALUES (%s)", [(made.id,), (made.id,)]
                )
            await conn.commit()
            await conn.rollback()
        assert await count() == 3

    asyncio.run(run())


@pytest.mark.usefixtures("session")
def test_transaction_blocks_become_savepoints() -> None:
    async def run() -> None:
        async with connection() as conn, conn.transaction():
            await ProbeJob.create(conn, what="kept")
        async with connection() as conn, conn.transaction() as block:
            await ProbeJob.create(conn)
            # Not passed on: another connection of a pool, this one here.
            await ProbeJob.create()
            async with conn.transaction(force_rollback=True):
                await ProbeJob.create(conn)
            raise psycopg.Rollback(block)
        assert await count() == 2

    asyncio.run(run())


@pytest.mark.usefixtures("session")
def test_tasks_and_threads_share_the_session() -> None:
    async def in_transaction() -> None:
        async with connection() as conn, conn.transaction():
            await ProbeJob.create(conn)
            await asyncio.sleep(0)
            await ProbeJob.create(conn)

    def in_thread() -> None:
        ProbeJob.create_sync()
        with connection_sync() as conn, conn.transaction():
            ProbeJob.create_sync(conn)

    async def run() -> None:
        await asyncio.gather(
            *(in_transaction() for _ in range(3)),
            *(asyncio.to_thread(in_thread) for _ in range(3)),
            *(ProbeJob.create() for _ in range(3)),
        )
        async with connection():
            # Within the block, its tasks may use the session too.
            await asyncio.gather(*(ProbeJob.create() for _ in range(3)))
        assert await count() == 1 + 6 + 6 + 3 + 3

    asyncio.run(run())
    asyncio.run(count_in_another_loop())


async def count_in_another_loop() -> None:
    assert await count() == 19


@pytest.mark.usefixtures("session")
def test_task_that_waits_for_the_session_in_vain_gets_an_error() -> None:
    async def run() -> None:
        has_session, is_done = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with connection():
                has_session.set()
                await is_done.wait()

        holder = asyncio.create_task(hold())
        await has_session.wait()
        with pytest.raises(NoFreeConnection, match="rolled back has only one"):
            async with connection(timeout=0.05):
                pass
        is_done.set()
        await holder

    asyncio.run(run())


@pytest.mark.usefixtures("session")
def test_commit_by_hand_fails_and_nothing_can_be_written_afterwards() -> None:
    with connection_sync() as conn:
        conn.execute("INSERT INTO probe_jobs (what) VALUES ('lost')")
        with pytest.raises(ForeignKeyViolation, match="manage_jobs_run_rolls_this_transaction"):
            conn.execute("COMMIT")
        with pytest.raises(TransactionWasEnded, match="such as COMMIT or ROLLBACK"):
            conn.execute("INSERT INTO probe_jobs (what) VALUES ('left')")
    with pytest.raises(TransactionWasEnded):
        ProbeJob.create_sync()


@pytest.mark.usefixtures("session")
def test_statements_after_a_rollback_in_one_string_cannot_write() -> None:
    with connection_sync() as conn, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        conn.execute("ROLLBACK; INSERT INTO probe_jobs (what) VALUES ('left')")


def test_role_without_temporary_tables_can_be_rolled_back(
    app_database: str, rows: Rows, make_role: Callable[[], str]
) -> None:
    role = make_role()
    rows.conn.execute(f"GRANT SELECT, INSERT ON probe_jobs TO {role}".encode())
    rows.conn.execute(
        "DO $$BEGIN EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database());"
        "END$$"
    )
    session = RolledBackSession(make_conninfo(app_database, user=role))
    with replace_pools(RolledBackAsyncPool(session), RolledBackSyncPool(session)):
        ProbeJob.create_sync()
    session.close()
    assert rows.conn.execute("SELECT count(*) FROM probe_jobs").fetchone() == (0,)
