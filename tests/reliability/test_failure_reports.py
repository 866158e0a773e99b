"""`on_failed`: each job that fails permanently is reported by exactly one job."""

from __future__ import annotations

import signal
from collections import Counter

from tests.support.application import SHORT_LEASE, Application
from tests.support.reporting import ON_FAILED, add_reports, attempts, reports
from tests.support.rows import Rows
from tests.support.waiting import wait_for


def test_each_failure_is_reported_once_although_workers_are_killed(
    app: Application, rows: Rows
) -> None:
    add_reports(app, rows.conn)
    app.write_job(
        "async def perform(self, job):\n"
        "    print('performed', flush=True)\n"
        "    await asyncio.sleep(0 if os.path.exists('go') else 0.3)\n"
        "    raise ValueError(job.what)\n",
        options=ON_FAILED + "max_attempts = 1\nmax_concurrency = 4\nkeep_attempts = True\n",
    )
    # Enough for three workers, however late each is killed.
    jobs = rows.insert(n=200)
    for _ in range(3):
        worker = app.run_jobs(*SHORT_LEASE)
        worker.wait_for_line("failed permanently", times=5)
        worker.send_signal(signal.SIGKILL)
        worker.wait_for_exit(-signal.SIGKILL)
    app.write("go", "")
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status(jobs, "failed")
    counts = Counter(job for _, job, _ in reports(rows))
    assert counts == Counter(jobs)
    outcomes = Counter(outcome for job in jobs for _, outcome in attempts(rows, job))
    assert outcomes["failed"] + outcomes["worker_died"] == len(jobs)
    assert outcomes["failed"] >= 15
    done = "SELECT FROM report_jobs WHERE status <> 'job_status_succeeded'"
    wait_for(lambda: not rows.conn.execute(done).fetchall(), "every report has run")
