"""Snooze and Cancel: the requests that `perform` can raise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jobgen_runtime import Cancel, Snooze

from tests.support.application import Application
from tests.support.rows import Rows


@pytest.mark.parametrize("define", ["async def", "def"])
def test_snoozed_job_runs_again_later_and_the_attempt_is_not_counted(
    app: Application, rows: Rows, define: str
) -> None:
    app.write_job(
        f"""
        {define} perform(self, job):
            from jobgen_runtime import Snooze
            if not os.path.exists(job.what):
                open(job.what, "w").close()
                raise Snooze(for_=timedelta(seconds=3600 if job.what == "long" else 0.3))
        """,
        options="max_attempts = 1\n",
    )
    app.run_jobs("--poll", "600")
    [short], [long] = rows.insert("short"), rows.insert("long")
    rows.wait_for_status([short, long], "retry", attempts=0)
    row = rows.get(long)
    assert row.run_at - row.updated_at == timedelta(hours=1)
    assert (row.locked_by, row.locked_at, row.last_error) == (None, None, None)
    rows.wait_for_status([short], "succeeded", attempts=1)
    assert rows.get(long) == row


def test_job_that_raises_cancel_fails_and_is_not_retried(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from jobgen_runtime import Cancel
            raise Cancel('the customer\\x00 is gone')
        """
    )
    [job] = rows.insert()
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "failed permanently after 1 attempt: Cancelled: the customer\\x00 is gone" in output
    row = rows.get(job)
    assert (row.status, row.attempts_count) == ("job_status_failed", 1)
    assert row.last_error == "Cancelled: the customer\\x00 is gone"


def test_snooze_and_cancel_refuse_invalid_arguments() -> None:
    with pytest.raises(ValueError, match="for_ must be a timedelta of zero or more"):
        Snooze(for_=timedelta(seconds=-1))
    with pytest.raises(ValueError, match="timedelta"):
        Snooze(for_=5)  # type: ignore[arg-type]  # what the check is for
    with pytest.raises(TypeError, match="reason must be a str"):
        Cancel(None)  # type: ignore[arg-type]  # what the check is for
