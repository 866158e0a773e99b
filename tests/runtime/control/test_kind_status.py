"""The numbers of jobs by status, and their bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jobgen_runtime.control import KindStatus, fetch_kind_status, kinds

from tests.support.shop_types import ProbeJob


@pytest.fixture
def conn(app_database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(app_database, autocommit=True) as connection:
        yield connection


def insert(conn: psycopg.Connection[Any], **numbers: int) -> None:
    for status, number in numbers.items():
        conn.execute(
            "INSERT INTO probe_jobs (status) SELECT %s FROM generate_series(1, %s)",
            (f"job_status_{status}", number),
        )


def counts(conn: psycopg.Connection[Any]) -> list[str]:
    status: KindStatus = fetch_kind_status(conn, ProbeJob.__table__)
    groups = (status.waiting, status.running, status.succeeded, status.failed, status.timed_out)
    return list(map(str, groups))


def test_numbers_are_exact_below_the_cap_and_bounds_above_it(
    conn: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "CAP", 1000)
    monkeypatch.setattr(kinds, "FIRST_ROWS", 5000)
    insert(conn, not_started=600, retry=399, running=7, succeeded=1000, failed=8, timed_out=9)
    assert counts(conn) == ["999", "7", "1,000", "8", "9"]
    insert(conn, retry=2, succeeded=1, failed=993, timed_out=991)
    assert counts(conn) == ["1,000+", "7", "1,000+", "1,000+", "1,000"]
    # The first rows are not all rows: 1,001 of them have succeeded, more may have.
    insert(conn, not_started=5000)
    assert counts(conn) == ["1,000+", "7", "1,000+", "1,000+", "1,000"]
    # Of more than can be read, those of one status may all be behind those of the other.
    insert(conn, failed=5000)
    assert counts(conn)[3:] == ["1,000+", "1,000+"]


def test_settings_of_the_status_do_not_stay(conn: psycopg.Connection[Any]) -> None:
    counts(conn)
    assert conn.execute("SHOW enable_seqscan").fetchone() == ("on",)


def test_succeeded_jobs_behind_the_first_rows_are_known_from_the_statistics(
    conn: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "CAP", 100)
    monkeypatch.setattr(kinds, "FIRST_ROWS", 500)
    insert(conn, not_started=600, succeeded=700)
    assert counts(conn)[2] == "0+"
    conn.execute("ANALYZE probe_jobs")
    assert counts(conn)[2] == "100+"
