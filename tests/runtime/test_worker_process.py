"""What happens to jobs: real rows, real worker processes."""

from __future__ import annotations

import signal

from tests.runtime.conftest import Application, Rows


def test_insert_wakes_a_waiting_worker_and_the_job_succeeds(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "600")
    [job] = rows.insert()
    rows.wait([job], "succeeded")
    row = rows.get(job)
    assert (row.attempts_count, row.locked_by, row.locked_at, row.last_error) == (1, None, None, None)
    assert row.updated_at > row.created_at
    worker.send(signal.SIGTERM)
    assert f"ran {job}" in worker.end(0)
