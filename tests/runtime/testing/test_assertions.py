"""Assertions on waiting jobs, and what their failures show."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from jobgen_runtime.testing import (
    assert_enqueued,
    assert_enqueued_sync,
    drain_sync,
    enqueued,
    enqueued_sync,
)

from tests.support.kit_jobs import Band, Play, PlayJob

pytestmark = pytest.mark.usefixtures("jobgen_transaction")


def test_jobs_that_wait_are_found_by_class_record_and_values() -> None:
    first = PlayJob._create_sync(None, {"what": "a"})
    later = {"what": "b", "run_at": datetime.now(UTC) + timedelta(days=1)}
    second = PlayJob._create_sync(None, later)

    assert assert_enqueued_sync(Play, count=2) == [first, second]
    assert assert_enqueued_sync(PlayJob, what="b") == [second]
    assert enqueued_sync(Play, what="c") == []
    assert_enqueued_sync(Play, count=0, what="c")


def test_asynchronous_assertions_find_the_same() -> None:
    async def run() -> None:
        job = await PlayJob._create(None, {"what": "a"})
        assert await assert_enqueued(Play, what="a") == [job]
        assert await enqueued(Play, what="b") == []

    asyncio.run(run())


def test_job_that_has_run_is_not_enqueued() -> None:
    PlayJob._create_sync(None, {"what": "a"})
    drain_sync(kinds=[Play])

    assert enqueued_sync(Play) == []


def test_job_of_a_transaction_is_found_over_its_connection_only(
    jobgen_shared_database: str,
) -> None:
    with psycopg.connect(jobgen_shared_database) as conn:
        PlayJob._create_sync(conn, {"what": "a"})
        assert len(enqueued_sync(Play, conn)) == 1
        assert enqueued_sync(Play) == []
        conn.rollback()


def test_failure_lists_the_nearest_job_first_with_its_difference() -> None:
    PlayJob._create_sync(None, {"what": "far", "attempts_count": 3})
    near = PlayJob._create_sync(None, {"what": "near"})

    with pytest.raises(AssertionError) as caught:
        assert_enqueued_sync(Play, attempts_count=1, what="near")

    lines = str(caught.value).splitlines()
    wanted = "attempts_count=1, what='near'"
    assert lines[0] == f"Expected at least 1 job of PlayJob to wait with {wanted}, found none."
    assert lines[1] == "2 jobs of that kind wait:"
    assert lines[2].startswith(f"  {near.id}: attempts_count=0, what='near', band_id=None, due now")
    assert lines[3] == "    attempts_count: expected 1, is 0"
    assert "    what: expected 'near', is 'far'" in lines[5:]


def test_failure_of_a_count_says_how_many_there_are() -> None:
    for _ in range(7):
        PlayJob._create_sync(None, {"what": "x" * 200})

    with pytest.raises(AssertionError) as caught:
        assert_enqueued_sync(Play, count=2)

    text = str(caught.value)
    assert text.startswith("Expected 2 jobs of PlayJob to wait, found 7.\n7 jobs of that kind wait")
    assert "the nearest 5" in text
    assert len(text.splitlines()) == 7
    assert "x" * 100 not in text


def test_failure_without_any_job_says_so() -> None:
    with pytest.raises(AssertionError, match=r"found none\.\nNo job of that kind waits\."):
        assert_enqueued_sync(Play)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="does not have the attribute 'wat'; it has id, "):
        assert_enqueued_sync(Play, wat=1)
    with pytest.raises(TypeError, match="Band is not the record of a job"):
        assert_enqueued_sync(Band)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="neither a job class nor a record"):
        assert_enqueued_sync(int)  # type: ignore[arg-type]
