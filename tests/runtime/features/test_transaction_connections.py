"""The connections of `job.transaction()`: two for a job that also works outside of it."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.rows import Rows

ASYNC = """
async def perform(self, job):
    async with job.transaction() as conn:
        await asyncio.sleep(0.1)
        await Band.fetch_all("SELECT * FROM bands")
        await Band.create(conn, name="x")
"""

SYNC = """
def perform(self, job):
    with job.transaction_sync() as conn:
        time.sleep(0.1)
        Band.fetch_all_sync("SELECT * FROM bands")
        Band.create_sync(conn, name="x")
"""

WAYS = {"async": ASYNC, "sync": SYNC}

TWO_LENT = """
async def perform(self, job):
    async with job.transaction() as conn:
        await asyncio.sleep(0.2)
        async with (await pool()).connection():
            await Band.create(conn, name="x")
"""

WITHIN_A_TASK = """
async def perform(self, job):
    async with job.transaction() as conn:
        await asyncio.gather(*(Band.fetch_all("SELECT * FROM bands") for _ in range(3)))
"""


def write_job(app: Application, perform: str, options: str, *, pool_size: int | None) -> None:
    app.write_job(perform, options=f"{options}\n")
    path = app.root / "Web/Job/Probe.py"
    more = f"""
from Generated.Types import Band
from jobgen_runtime import configure
from jobgen_runtime.database import pool
configure(pool_size={pool_size})
"""
    path.write_text(path.read_text() + more)


def names(rows: Rows) -> list[str]:
    return [row[0] for row in rows.conn.execute("SELECT name FROM bands")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("slots", [1, 16, 40])
def test_transactions_in_all_slots_get_the_connections_that_they_need(
    app: Application, rows: Rows, way: str, slots: int
) -> None:
    options = f"max_attempts = 1; max_concurrency = {slots}"
    write_job(app, WAYS[way], options, pool_size=None)
    rows.insert(n=2 * slots)
    app.start("run-jobs", "--drain").wait_for_exit()
    assert names(rows) == ["x"] * 2 * slots


@pytest.mark.parametrize("way", WAYS)
def test_transactions_take_turns_where_connections_are_few(
    app: Application, rows: Rows, way: str
) -> None:
    write_job(app, WAYS[way], "max_attempts = 1", pool_size=2)
    rows.insert(n=40)
    app.start("run-jobs", "--drain").wait_for_exit()
    assert names(rows) == ["x"] * 40


@pytest.mark.parametrize("perform", [ASYNC, SYNC, WITHIN_A_TASK])
def test_job_that_waits_for_its_own_connection_fails_with_the_cause(
    app: Application, rows: Rows, perform: str
) -> None:
    write_job(app, perform, "max_attempts = 1", pool_size=1)
    [job] = rows.insert()
    app.start("run-jobs", "--drain").wait_for_exit(1)
    error = rows.get(job).last_error
    assert "All connections of the pool are held by transactions that wait" in error
    assert f"Probe {job} attempt 1 (for " in error
    assert "raise pool_size, which is 1" in error
    assert names(rows) == []


def test_of_transactions_that_wait_for_each_other_one_fails_and_the_others_continue(
    app: Application, rows: Rows
) -> None:
    options = "max_attempts = 20; max_concurrency = 4"
    write_job(app, TWO_LENT, options, pool_size=4)
    rows.insert(n=6)
    # It has failed attempts, so the exit code is 1.
    app.start("run-jobs", "--drain").wait_for_exit(1)
    errors = rows.conn.execute("SELECT last_error FROM probe_jobs WHERE attempts_count > 1")
    assert all("held by transactions that wait for another connection" in e for (e,) in errors)
    assert names(rows) == ["x"] * 6
