"""The record that `perform` is given."""

from __future__ import annotations

import pytest

from tests.runtime.conftest import Application, Rows


@pytest.mark.parametrize("run_at", ["now()", "'-infinity'"])
def test_a_record_says_what_its_row_says(app: Application, rows: Rows, run_at: str) -> None:
    app.job(
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
    rows.wait(jobs, "succeeded", attempts=1)
    worker.end()


def test_infinite_dates_are_legal(app: Application, rows: Rows) -> None:
    [first] = rows.insert(run_at="'-infinity'")
    app.start("run-jobs", "--drain").end()
    assert rows.get(first).status == "job_status_succeeded"
