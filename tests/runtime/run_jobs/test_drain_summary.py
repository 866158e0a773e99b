"""The line with which a drain ends."""

from __future__ import annotations

from tests.support.application import Application, branches
from tests.support.rows import Rows

BODIES = {
    "succeeds": "return",
    "succeeds in its transaction": "async with job.transaction(): pass",
    "succeeds at last": "if job.attempts_count < 3: raise ValueError",
    "fails": "raise ValueError",
    "is retried later": "type(self).backoff = ConstantBackoff(timedelta(1)); raise ValueError",
    "times out": "await asyncio.sleep(600)",
    "is snoozed": "from jobgen_runtime import Snooze; raise Snooze(for_=timedelta(hours=1))",
    "is cancelled": "from jobgen_runtime import Cancel; raise Cancel('why')",
}


def test_drain_ends_with_the_numbers_of_jobs_by_result(app: Application, rows: Rows) -> None:
    assert "INFO drained: no job was due" in app.start("run-jobs", "--drain").wait_for_exit()
    body = branches(BODIES)
    app.write_job(
        "async def perform(self, job):\n" + "".join(f"    {line}\n" for line in body.splitlines()),
        options="max_attempts = 3\nmax_concurrency = 1\ntimeout = timedelta(seconds=1)\n",
    )
    for what in BODIES:
        if what != "is retried later":
            rows.insert(what, n=2 if what == "succeeds" else 1)
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert (
        "INFO drained: 4 succeeded, 2 failed permanently, 1 timed out permanently, 1 snoozed"
        in output
    )
    rows.insert("is retried later", n=3)
    assert "drained: 3 will be retried" in app.start("run-jobs", "--drain").wait_for_exit(1)
