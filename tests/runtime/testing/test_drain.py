"""`drain` runs what is due in this process, as a worker does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from jobgen_runtime import Job, JobStatus
from jobgen_runtime.testing import (
    AttemptOutcome,
    Drained,
    DrainLimitReached,
    JobNotSucceeded,
    TestingError,
    drain,
    drain_sync,
)

from tests.support.kit_jobs import (
    PLAYED,
    Impatient,
    Play,
    PlayJob,
    PlaySync,
    PlaySyncJob,
    Report,
    ReportJob,
)

pytestmark = pytest.mark.usefixtures("jobgen_transaction")
KINDS: list[type[Job[Any]]] = [Play, PlaySync, Report]


def drain_in_loop(**options: Any) -> Drained:
    return asyncio.run(drain(**options))


both = pytest.mark.parametrize("run", [drain_sync, drain_in_loop])


def play(what: str, **values: Any) -> PlayJob:
    return PlayJob._create_sync(None, {"what": what, **values})


@both
def test_drain_runs_due_jobs_of_all_kinds_in_order(run: Callable[..., Drained]) -> None:
    play("first")
    PlaySyncJob._create_sync(None, {"what": "second"})
    later = play("later", run_at=datetime.now(UTC) + timedelta(hours=1))
    play("enqueue third")

    drained = run(kinds=KINDS)

    assert [each[0] if isinstance(each, tuple) else each for each in PLAYED] == [
        "first",
        "second",
        "enqueue third",
        "third",
    ]
    assert (len(drained), drained.succeeded, drained.failed) == (4, 4, 0)
    assert [each.attempt for each in drained.of(PlaySync)] == [1]
    assert later.refresh_sync().status is JobStatus.NOT_STARTED
    assert len(run(kinds=KINDS)) == 0


def test_drain_of_one_kind_leaves_other_kinds_alone() -> None:
    play("first")
    other = PlaySyncJob._create_sync(None, {"what": "second"})

    assert [each.job for each in drain_sync(kinds=[Play])] == [Play]
    assert other.refresh_sync().status is JobStatus.NOT_STARTED


@both
def test_drain_raises_the_error_of_a_job_once_its_row_is_updated(
    run: Callable[..., Drained],
) -> None:
    job = play("raise oops")
    play("later")

    with pytest.raises(ValueError, match="oops") as caught:
        run(kinds=KINDS)

    [note] = caught.value.__notes__
    assert f"Play {job.id} in attempt 1 of 2; a worker would retry it." in note
    assert [entry.name for entry in caught.traceback][-1] == "perform"
    job.refresh_sync()
    assert job.status is JobStatus.RETRY
    assert "ValueError: oops" in (job.last_error or "")
    assert PLAYED == ["raise oops"]


def test_drain_without_raising_goes_on_and_reports_the_final_failure() -> None:
    job = play("raise oops", attempts_count=1)
    play("later")

    drained = drain_sync(kinds=KINDS, raise_errors=False)

    assert [each.outcome for each in drained] == [
        AttemptOutcome.FAILED,
        AttemptOutcome.SUCCEEDED,
        AttemptOutcome.SUCCEEDED,
    ]
    assert isinstance(drained[0].error, ValueError)
    assert drained[0].retry_in is None
    assert "oops" in repr(drained)
    assert PLAYED[-1] == ("report", "play_jobs", job.id)
    assert job.refresh_sync().status is JobStatus.FAILED
    assert ReportJob.fetch_all_sync("SELECT * FROM report_jobs")[0].failed_id == job.id


def test_drain_does_not_raise_what_a_job_means_to_do() -> None:
    play("snooze 60")
    play("cancel")

    drained = drain_sync(kinds=KINDS)

    assert [each.outcome.value for each in drained[:2]] == ["snoozed", "cancelled"]
    assert drained[0].retry_in == timedelta(seconds=60)


def test_drain_of_a_job_that_snoozes_without_end_is_bounded() -> None:
    play("snooze 0")

    with pytest.raises(DrainLimitReached, match=r"^7 attempts ran.*Play 7. 7 attempts snoozed\."):
        drain_sync(kinds=KINDS, limit=7)


def test_drain_of_jobs_that_enqueue_each_other_is_bounded() -> None:
    play("again")

    with pytest.raises(DrainLimitReached, match="enqueue each other"):
        drain_sync(kinds=KINDS, limit=3)
    assert len(PLAYED) == 3


def test_drain_raises_for_a_job_that_timed_out() -> None:
    play("sleep")

    with pytest.raises(JobNotSucceeded, match=r"longer than its timeout of 0\.05 s"):
        drain_sync(kinds=[Impatient])


def test_synchronous_job_runs_in_the_thread_of_drain_sync() -> None:
    PlaySyncJob._create_sync(None, {"what": "anything"})
    PlaySync.calls["loop"] = lambda: asyncio.run(asyncio.sleep(0))  # fails where a loop runs
    PlaySyncJob._create_sync(None, {"what": "loop"})

    drain_sync(kinds=KINDS)

    assert [each[1:] for each in PLAYED] == [(threading.get_ident(), 1)] * 2


def test_drain_raises_what_is_meant_for_pytest_even_without_raising_errors() -> None:
    PlaySync.calls["stop"] = lambda: pytest.fail("a check inside of a job")
    PlaySyncJob._create_sync(None, {"what": "stop"})

    with pytest.raises(pytest.fail.Exception, match="a check inside of a job"):
        drain_sync(kinds=KINDS, raise_errors=False)


def test_job_commits_its_transaction_inside_of_that_of_the_test() -> None:
    job = play("transaction")

    assert drain_sync(kinds=KINDS).succeeded == 1
    assert job.refresh_sync().status is JobStatus.SUCCEEDED


def test_drain_in_the_transaction_of_a_connection_is_rolled_back_with_it(
    jobgen_shared_database: str,
) -> None:
    with psycopg.connect(jobgen_shared_database) as conn:
        PlaySyncJob._create_sync(conn, {"what": "note"})
        # Due by the clock, but after the begin of the transaction.
        PlaySyncJob._create_sync(conn, {"what": "now", "run_at": datetime.now(UTC)})
        PlayJob._create_sync(conn, {"what": "raise oops", "attempts_count": 1})
        PlayJob._create_sync(conn, {"what": "transaction"})
        drained = drain_sync(conn, kinds=KINDS, raise_errors=False)
        notes = conn.execute("SELECT text FROM notes ORDER BY text").fetchall()
        statuses = conn.execute("SELECT status FROM play_jobs ORDER BY status").fetchall()
        conn.rollback()
        left = conn.execute("SELECT COUNT(*) FROM notes, play_jobs, play_sync_jobs").fetchone()

    assert (drained.succeeded, drained.failed) == (4, 1)
    assert notes == [("together",), ("written",)]
    assert statuses == [("job_status_failed",), ("job_status_succeeded",)]
    assert left == (0,)


def test_drain_in_the_transaction_of_an_asynchronous_connection(
    jobgen_shared_database: str,
) -> None:
    async def run() -> tuple[Drained, Any]:
        async with await psycopg.AsyncConnection.connect(jobgen_shared_database) as conn:
            await PlayJob._create(conn, {"what": "transaction"})
            await PlaySyncJob._create(conn, {"what": "note"})
            drained = await drain(conn, kinds=KINDS)
            cursor = await conn.execute("SELECT text FROM notes ORDER BY text")
            notes = await cursor.fetchall()
            await conn.rollback()
            return drained, notes

    drained, notes = asyncio.run(run())
    assert drained.succeeded == 2
    assert notes == [("together",), ("written",)]


def test_statement_that_fails_in_a_job_leaves_the_transaction_of_the_test_usable(
    jobgen_shared_database: str,
) -> None:
    def fail() -> None:
        with pytest.raises(psycopg.errors.DivisionByZero):
            PlayJob.fetch_all_sync("SELECT 1 / 0")

    PlaySync.calls["fail"] = fail
    with psycopg.connect(jobgen_shared_database) as conn:
        PlaySyncJob._create_sync(conn, {"what": "fail"})
        assert drain_sync(conn, kinds=KINDS).succeeded == 1
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_drain_explains_a_failed_transaction(jobgen_shared_database: str) -> None:
    with psycopg.connect(jobgen_shared_database) as conn:
        with pytest.raises(psycopg.errors.DivisionByZero):
            conn.execute("SELECT 1 / 0")
        with pytest.raises(TestingError, match="has failed: a statement before"):
            drain_sync(conn, kinds=KINDS)
        conn.rollback()


def test_drain_explains_what_it_cannot_use(jobgen_shared_database: str) -> None:
    with pytest.raises(TestingError, match=r"drain_sync\(kinds=\[Play\]\)"):
        drain_sync(Play)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"must be a psycopg\.Connection"):
        drain_sync("postgresql://")  # type: ignore[arg-type]
    with pytest.raises(TestingError, match="nothing to drain"):
        drain_sync()
    with psycopg.connect(jobgen_shared_database) as conn:
        with pytest.raises(TypeError, match="synchronous"):
            asyncio.run(drain(conn, kinds=KINDS))  # type: ignore[arg-type]
        conn.close()
        with pytest.raises(TestingError, match="is closed"):
            drain_sync(conn, kinds=KINDS)

    async def drain_in_a_loop() -> None:
        drain_sync(kinds=KINDS)

    with pytest.raises(TestingError, match=r"Use `await drain\(\)`"):
        asyncio.run(drain_in_a_loop())
