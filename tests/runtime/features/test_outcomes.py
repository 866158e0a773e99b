"""What `perform` can ask for beside returning and raising."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jobgen_runtime import Cancel, Snooze

from tests.support.application import Application
from tests.support.rows import Rows


@pytest.mark.parametrize("plain", [False, True])
def test_a_snoozed_job_comes_back_and_the_attempt_does_not_count(
    app: Application, rows: Rows, *, plain: bool
) -> None:
    app.write_job(
        f"""
        {"" if plain else "async "}def perform(self, job):
            from jobgen_runtime import Snooze
            if not os.path.exists("snoozed"):
                open("snoozed", "w").close()
                raise Snooze(for_=timedelta(seconds=0.3))
        """,
        options="max_attempts = 1\n",
    )
    app.run_jobs("--poll", "600")
    [job] = rows.insert()
    rows.wait_for_status([job], "retry", attempts=0)
    row = rows.get(job)
    assert row.run_at - row.updated_at == timedelta(seconds=0.3)
    assert (row.locked_by, row.locked_at, row.last_error) == (None, None, None)
    rows.wait_for_status([job], "succeeded", attempts=1)


def test_a_job_that_cancels_itself_has_failed_and_is_not_retried(
    app: Application, rows: Rows
) -> None:
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


def test_a_wrong_snooze_or_reason_says_so() -> None:
    with pytest.raises(ValueError, match="for_ must be a timedelta of zero or more"):
        Snooze(for_=timedelta(seconds=-1))
    with pytest.raises(ValueError, match="timedelta"):
        Snooze(for_=5)  # type: ignore[arg-type]  # what the check is for
    with pytest.raises(TypeError, match="reason must be a str"):
        Cancel(None)  # type: ignore[arg-type]  # what the check is for
