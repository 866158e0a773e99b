"""A completion without its report or record leaves out only what the database refuses."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.worker_sessions import open_worker_session, worker_conninfo
from jobgen_runtime.queue import Claim, Endings, JobQueue

from tests.support.reporting import attempts, create_report_table, reports
from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob

TABLE = ProbeJob.__table__
REPORT = replace(
    TABLE,
    name="report_jobs",
    columns=(*TABLE.columns, "failed_table", "failed_id", "failed_error"),
)
REFUSE = "ALTER TABLE {} ADD CONSTRAINT never CHECK (FALSE) NOT VALID"


def complete_bare(url: str, rows: Rows) -> tuple[list[Claim], list[str | None]]:
    """Claim three jobs; let one succeed, one fail, and one whose claim is lost."""
    queue = JobQueue(ProbeJob, Endings(REPORT, keeps_attempts=True))
    bare = queue.bare_completions

    async def complete() -> tuple[list[Claim], list[str | None]]:
        conn, _ = await open_worker_session(worker_conninfo(url, role="test"))
        async with conn:
            claims = await queue.claim(conn, uuid4(), 3)
            rows.conn.execute(
                "UPDATE probe_jobs SET locked_by = NULL WHERE id = %s", [claims[2].id]
            )
            await bare.succeed(conn, [claims[0]])
            left_out = [bare.left_out]
            unwritten = await bare.fail(conn, claims[1:], ["no", "no"], JobStatus.FAILED)
            assert unwritten is not None
            assert unwritten.lost == [claims[2]]
            return claims, [*left_out, bare.left_out]

    return asyncio.run(complete())


def test_what_the_database_accepts_is_written(app_database: str, rows: Rows) -> None:
    create_report_table(rows.conn)
    rows.insert(n=3)
    (succeeded, failed, lost), left_out = complete_bare(app_database, rows)
    assert left_out == [None, None]
    assert attempts(rows, succeeded.id) == [(1, "succeeded")]
    assert attempts(rows, failed.id) == [(1, "failed")]
    assert attempts(rows, lost.id) == []
    assert reports(rows) == [("probe_jobs", failed.id, "no")]


@pytest.mark.parametrize("refused", ["report_jobs", "job_attempts"])
def test_what_the_database_refuses_is_left_out(app_database: str, rows: Rows, refused: str) -> None:
    create_report_table(rows.conn)
    rows.conn.execute(REFUSE.format(refused).encode())
    rows.insert(n=3)
    (succeeded, failed, _), (of_success, of_failure) = complete_bare(app_database, rows)
    assert rows.get(succeeded.id).status == "job_status_succeeded"
    assert rows.get(failed.id).status == "job_status_failed"
    assert reports(rows) == []
    assert attempts(rows, failed.id) == []
    assert "never" in str(of_failure)
    assert (of_success is None) == (refused == "report_jobs")
