"""A server whose notification queue is full, because a session that listens never ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobgen.postgres import temporary_server
from tests.support.application import WAIT_FOR_GO, Application, application
from tests.support.database import install_app_schema
from tests.support.rows import Rows
from tests.support.sleeping_workers import wait_until_asleep
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def small_queue() -> Iterator[str]:
    """The address of a server whose notification queue is soon full."""
    with temporary_server(("max_notify_queue_pages=64",)) as url:
        yield url


@pytest.fixture
def queue_rows(small_queue: str) -> Iterator[Rows]:
    with psycopg.connect(small_queue, autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    install_app_schema(small_queue)
    table = Rows(small_queue)
    yield table
    table.close()


@pytest.fixture
def queue_app(tmp_path: Path, small_queue: str) -> Iterator[Application]:
    with application(tmp_path, small_queue) as made:
        yield made


def fill_queue(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Fill the queue; it is full until the returned connection is closed."""
    listening = psycopg.connect(url)
    listening.execute("LISTEN x")
    listening.commit()
    listening.execute("SELECT 1")
    with psycopg.connect(url, autocommit=True) as conn:
        for length in (7000, 1):
            with pytest.raises(psycopg.OperationalError, match="too many notifications"):
                notify_for_ever(conn, "x" * length)
    return listening


def notify_for_ever(conn: psycopg.Connection[Any], payload: str) -> None:
    while True:
        conn.execute("SELECT pg_notify('x', %s)", (payload,))


def test_full_notification_queue_fails_no_insert_and_no_command(
    queue_app: Application, queue_rows: Rows, small_queue: str
) -> None:
    queue_app.write_job(WAIT_FOR_GO)
    # The trigger of the tests notifies, too.
    queue_rows.conn.execute("DROP TRIGGER notify_test ON probe_jobs")
    worker = queue_app.start("run-jobs", "--poll", "1")
    worker.wait_for_line("ready")
    wait_until_asleep(queue_rows.conn, 1)
    with fill_queue(small_queue):
        [job] = queue_rows.insert("wait")
        worker.wait_for_line("waiting")
        for command in ("pause", "resume"):
            queue_app.start("manage-jobs", command, "Probe").wait_for_exit()
        cancel = queue_app.start("manage-jobs", "cancel", "Probe", str(job))
        assert "its worker was asked to cancel it" in cancel.wait_for_exit()
        worker.wait_for_line("cancelled")
        check = queue_app.start("run-jobs", "--check")
        assert "notification queue is" in check.wait_for_exit(3)
    usage = "SELECT pg_notification_queue_usage() < 0.5"
    wait_for(lambda: queue_rows.conn.execute(usage).fetchone() == (True,), "the queue is emptied")
    queue_app.start("run-jobs", "--check").wait_for_exit()
