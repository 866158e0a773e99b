"""`run-jobs` with a selection of jobs."""

from __future__ import annotations

from tests.support.application import Application
from tests.support.rows import Rows

OTHER = """
from dataclasses import replace
from Generated.Types import ProbeJob
from jobgen_runtime import Job


class OtherJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="other_jobs")


class Other(Job[OtherJob]):
    async def perform(self, job):
        print("ran the other")
"""


def test_run_jobs_runs_selected_jobs_only(app: Application, rows: Rows) -> None:
    app.write("Admin/Job/Other.py", OTHER)
    workers = "from Web.Job.Probe import Probe\nfrom Admin.Job.Other import Other\n"
    app.write("WorkerMain.py", f"{workers}workers = [Probe, Other]\n")
    rows.conn.execute("CREATE TABLE other_jobs (LIKE probe_jobs INCLUDING ALL)")
    rows.conn.execute("INSERT INTO other_jobs DEFAULT VALUES")
    [job] = rows.insert()
    output = app.start("run-jobs", "--drain", "--app", "Admin", "--processes", "2").wait_for_exit()
    assert "ran the other" in output
    assert rows.get(job).status == "job_status_not_started"
    assert (
        "ready: Probe ("
        in app.start("run-jobs", "--drain", "--except", "Admin.Other").wait_for_exit()
    )
    rows.wait_for_status([job], "succeeded")
    output = app.start("run-jobs", "Prob", "--processes", "2").wait_for_exit(2)
    assert output.count("There is no job called Prob. Did you mean Web.Probe?") == 1
