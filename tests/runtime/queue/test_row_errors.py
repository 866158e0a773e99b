"""Errors of the server's own, and those that a function raises with the same SQLSTATEs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from jobgen_runtime.queue.row_errors import is_conflict, is_locked, is_outage
from psycopg.errors import DeadlockDetected

from tests.support.waiting import wait_for

SETUP = """
CREATE TABLE counters AS SELECT id, 0 AS value FROM generate_series(1, 2) AS id;
CREATE FUNCTION add_one(counter INT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    UPDATE counters SET value = value + 1 WHERE id = counter;
EXCEPTION WHEN deadlock_detected THEN
    RAISE;
END $$;
"""


@pytest.fixture
def counters(database: str) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    """Two connections to a database with two counters."""
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(SETUP.encode())
    with psycopg.connect(database) as one, psycopg.connect(database) as two:
        yield one, two
        one.rollback()
        two.rollback()


def test_deadlock_inside_a_function_is_a_conflict(
    counters: tuple[psycopg.Connection[Any], psycopg.Connection[Any]],
) -> None:
    one, two = counters
    one.execute("SET deadlock_timeout = '10ms'")
    two.execute("SET deadlock_timeout = '1min'")
    one.execute("SELECT add_one(1)")
    two.execute("SELECT add_one(2)")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(two.execute, "SELECT add_one(1)")
        blocked = "SELECT pg_blocking_pids(%s) = ARRAY[pg_backend_pid()]"
        pid = (two.info.backend_pid,)
        wait_for(lambda: one.execute(blocked, pid).fetchone() == (True,), "two waits for one")
        with pytest.raises(DeadlockDetected) as error:
            one.execute("SELECT add_one(2)")
        one.rollback()
        waiting.result()
    assert is_conflict(error.value)


def test_cancelled_statement_is_a_conflict(database: str) -> None:
    with psycopg.connect(database) as conn:
        conn.execute("SET statement_timeout = '10ms'")
        with pytest.raises(psycopg.errors.QueryCanceled) as error:
            conn.execute("SELECT pg_sleep(60)")
    assert is_conflict(error.value)


@pytest.mark.parametrize("state", ["40001", "40P01", "57014", "53100", "57P01", "55P03"])
def test_error_that_a_function_raises_is_about_its_row(database: str, state: str) -> None:
    with psycopg.connect(database) as conn, pytest.raises(psycopg.Error) as error:
        conn.execute(f"DO $$ BEGIN RAISE USING ERRCODE = '{state}'; END $$".encode())
    assert error.value.sqlstate == state
    assert not is_conflict(error.value)
    assert not is_outage(error.value)
    assert not is_locked(error.value)
