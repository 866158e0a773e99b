"""Through PgBouncer in transaction mode, which lends a session for one transaction."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.runtime.conftest import Application, Rows, application
from tests.servers.pooler import pooler


@pytest.fixture
def pooled(prepared: str) -> Iterator[str]:
    """The address of the database through a pooler that lends fewer sessions than are asked for."""
    with pooler(prepared, sessions=3) as url:
        yield url


@pytest.fixture
def app(tmp_path: Path, pooled: str) -> Iterator[Application]:
    with application(tmp_path, pooled) as made:
        yield made


def lasting_settings(url: str) -> list[tuple[str, str]]:
    """What the pooler's sessions were left with that a client had set."""
    with psycopg.connect(url, autocommit=True) as conn:
        return conn.execute(
            "SELECT name, setting FROM pg_settings WHERE source = 'session'"
            " AND name IN ('enable_bitmapscan', 'lock_timeout', 'statement_timeout')"
        ).fetchall()


def test_a_worker_polls_says_so_once_and_works(app: Application, rows: Rows, pooled: str) -> None:
    app.job(
        """
        async def perform(self, job):
            from Generated.Types import Band
            await Band.create(name="beside")
            async with job.transaction() as conn:
                await Band.create(conn, name="within")
        """
    )
    worker = app.run_jobs()
    # Many statements over few sessions: a prepared one would be missing, or there already.
    began = time.monotonic()
    for _ in range(7):
        rows.wait(rows.insert(n=5), "succeeded")
    assert time.monotonic() - began < 7 * 1.5
    assert rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (70,)
    worker.send(signal.SIGTERM)
    output = worker.end().splitlines()
    [said] = [line for line in output if " INFO " not in line]
    assert "LISTEN does not work here" in said
    assert "looking every 1 s instead" in said
    assert lasting_settings(pooled) == []
