"""A worker on a restored backup takes over the jobs that ran when it was made."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from jobgen.postgres.project_binaries import project_binaries
from tests.support.application import SHORT_LEASE, WAIT_FOR_GO, Application
from tests.support.rows import Rows


def test_jobs_that_ran_when_a_backup_was_made_run_again_once_it_is_restored(
    app: Application, rows: Rows, database: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs(*SHORT_LEASE)
    [running] = rows.insert("wait")
    worker.wait_for_line("waiting")
    [waiting] = rows.insert(run_at="now() + interval '1 second'")
    programs = project_binaries(Path.cwd())
    backup = subprocess.check_output([programs.program("pg_dump"), app.env["DATABASE_URL"]])
    worker.process.send_signal(signal.SIGKILL)

    psql = (programs.program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", database)
    subprocess.run(psql, input=backup, stdout=subprocess.DEVNULL, check=True)
    app.write("go", "")
    app.env["DATABASE_URL"] = database
    restored = Rows(database)
    try:
        app.run_jobs(*SHORT_LEASE)
        restored.wait_for_status([running], "succeeded", attempts=2)
        restored.wait_for_status([waiting], "succeeded", attempts=1)
    finally:
        restored.close()
    assert rows.get(running).status == "job_status_running"
