"""`keep` and `keep_failed`: workers delete old jobs."""

from __future__ import annotations

import signal
from collections.abc import Callable

from tests.support.application import Application
from tests.support.roles import use_worker_role
from tests.support.rows import Rows
from tests.support.waiting import wait_for

KEEP = "keep = timedelta(seconds=1)\n"


def test_workers_delete_old_jobs_while_others_run(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "fail":
                raise ValueError("no")
        """,
        options=KEEP + "max_attempts = 1\n",
    )
    succeeded, [failed] = rows.insert(n=20), rows.insert("fail")
    worker = app.run_jobs("--processes", "2")
    rows.wait_for_status([failed], "failed")

    def left() -> list[str]:
        return [row[0] for row in rows.conn.execute("SELECT what FROM probe_jobs")]

    wait_for(lambda: left() == ["fail"], f"{succeeded} are gone")
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "Probe: deleted 20 jobs that had ended more than 1 s ago" in output or (
        # In two searches, one of which has logged its part.
        output.count("Probe: deleted ") > 1
    )


def test_check_names_the_right_to_delete_and_random_ids(
    app: Application, rows: Rows, make_role: Callable[[], str]
) -> None:
    app.write_job("async def perform(self, job): pass", options=KEEP)
    rows.conn.execute("ALTER TABLE probe_jobs ALTER COLUMN id SET DEFAULT gen_random_uuid()")
    role = use_worker_role(app, rows, make_role)
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert f'-- The role {role} may not DELETE on "probe_jobs".' in script
    assert "-- The ids of probe_jobs are random (gen_random_uuid())" in script
    for line in script.splitlines():
        if not line.startswith("--"):
            rows.conn.execute(line.encode())
    app.start("run-jobs", "--check").wait_for_exit(0)
    app.write_job("async def perform(self, job): pass")
    rows.conn.execute(f"REVOKE DELETE ON probe_jobs FROM {role}".encode())
    app.start("run-jobs", "--check").wait_for_exit(0)
