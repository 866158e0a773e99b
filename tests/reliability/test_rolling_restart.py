"""A new version reaches running workers one after the other, behind a change of the schema."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.application import Application
from tests.support.rows import Rows

WORKERS = 3

PERFORM = """
async def perform(self, job):
    from jobgen_runtime import connection

    await asyncio.sleep(0.02)
    async with connection() as conn:
        await conn.execute(
            "INSERT INTO performed (job, version) VALUES (%s, %s)", (job.id, "VERSION")
        )
"""
OPTIONS = "max_concurrency = 5\n"


@contextmanager
def jobs_inserted_meanwhile(rows: Rows) -> Iterator[None]:
    """Insert jobs all the time within the context, as an application does."""
    is_over = threading.Event()

    def insert() -> None:
        while not is_over.wait(0.01):
            rows.insert(n=3)

    thread = threading.Thread(target=insert)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_rolling_restart_with_a_migration_runs_every_job_once(app: Application, rows: Rows) -> None:
    rows.conn.execute("CREATE TABLE performed (job uuid NOT NULL, version text NOT NULL)")
    app.write_job(PERFORM.replace("VERSION", "old"), options=OPTIONS)
    workers = [app.run_jobs() for _ in range(WORKERS)]
    rows.insert(n=100)
    with jobs_inserted_meanwhile(rows):
        rows.conn.execute("ALTER TABLE probe_jobs ADD COLUMN note TEXT DEFAULT 'none' NOT NULL")
        app.write_job(PERFORM.replace("VERSION", "new"), options=OPTIONS)
        for old in workers:
            old.process.send_signal(signal.SIGTERM)
            app.run_jobs()
            old.wait_for_exit()
    ids = [row[0] for row in rows.conn.execute("SELECT id FROM probe_jobs")]
    rows.wait_for_status(ids, "succeeded")

    performed = rows.conn.execute(
        "SELECT count(*) AS runs, count(DISTINCT job) AS jobs, count(DISTINCT version) AS versions"
        " FROM performed"
    )
    assert tuple(performed.fetchone() or ()) == (len(ids), len(ids), 2)
    attempts = rows.conn.execute("SELECT max(attempts_count) FROM probe_jobs").fetchone()
    assert attempts is not None
    assert attempts[0] == 1
