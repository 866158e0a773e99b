"""The record that `perform` is given."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.rows import Rows


@pytest.mark.parametrize("run_at", ["now()", "'-infinity'"])
def test_a_record_says_what_its_row_says(app: Application, rows: Rows, run_at: str) -> None:
    app.write_job(
        """
        async def perform(self, job):
            claimed = repr(job)
            await job.refresh()
            assert repr(job) == claimed
            assert repr(ProbeJob.__table__.columns) == repr(tuple(vars(job)))
        """
    )
    # Claimed together with one whose dates the driver does not read.
    jobs = [*rows.insert(n=3), *rows.insert(run_at=run_at)]
    worker = app.start("run-jobs", "--drain")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    worker.wait_for_exit()


def test_infinite_dates_are_legal(app: Application, rows: Rows) -> None:
    [first] = rows.insert(run_at="'-infinity'")
    app.start("run-jobs", "--drain").wait_for_exit()
    assert rows.get(first).status == "job_status_succeeded"
