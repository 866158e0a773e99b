"""The record that `perform` gets."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.rows import Rows


@pytest.mark.parametrize("run_at", ["now()", "'-infinity'"])
def test_claimed_record_has_the_values_of_its_row(
    app: Application, rows: Rows, run_at: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            claimed = repr(job)
            await job.refresh()
            assert repr(job) == claimed
            assert repr(ProbeJob.__table__.columns) == repr(tuple(vars(job)))
        """
    )
    # With -infinity, one row of the claim has dates that the driver does not load.
    jobs = [*rows.insert(n=3), *rows.insert(run_at=run_at)]
    worker = app.start("run-jobs", "--drain")
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    worker.wait_for_exit()


def test_job_with_an_infinite_run_at_is_claimed(app: Application, rows: Rows) -> None:
    [first] = rows.insert(run_at="'-infinity'")
    app.start("run-jobs", "--drain").wait_for_exit()
    assert rows.get(first).status == "job_status_succeeded"
