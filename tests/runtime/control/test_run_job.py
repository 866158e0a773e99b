"""`manage-jobs run`: one job in the foreground."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from uuid import uuid4

from tests.support.application import Application, branches
from tests.support.process import BIN
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT

PERFORM = """
async def perform(self, job):
    from jobgen_runtime import connection
    async with connection() as conn:
        query = "SELECT count(*) FROM job_workers WHERE id = %s"
        workers = await (await conn.execute(query, (job.locked_by,))).fetchone()
        print("registered", workers[0], "attempt", job.attempts_count)
"""


def run(app: Application, *arguments: object, code: int = 0) -> str:
    return app.start("manage-jobs", "run", "Probe", *map(str, arguments)).wait_for_exit(code)


def perform(**bodies: str) -> str:
    return PERFORM + "\n".join(f"    {line}" for line in branches(bodies).splitlines())


def test_run_claims_and_completes_a_job_as_a_worker_does(app: Application, rows: Rows) -> None:
    app.write_job(perform(fail="raise ValueError('no')"), options="max_attempts = 5\n")
    [waiting] = rows.insert("fail", run_at="now() + interval '1 day'")
    output = run(app, waiting, code=1)
    assert "registered 1 attempt 1" in output
    assert "ValueError: no" in output
    assert f"Probe {waiting}: failed; workers retry it in 0 s" in output
    row = rows.get(waiting)
    assert (row.status, row.attempts_count, row.locked_by) == ("job_status_retry", 1, None)
    assert "ValueError: no" in row.last_error
    rows.conn.execute("UPDATE probe_jobs SET what = 'return'")
    output = run(app, str(waiting)[:20])
    assert f"Probe {waiting}: succeeded" in output
    # A job that has ended runs again, but not another time.
    rows.conn.execute("UPDATE probe_jobs SET what = 'fail'")
    output = run(app, waiting, code=1)
    assert f"Probe {waiting}: failed, and is not retried" in output
    assert rows.changes(waiting) == [
        ("job_status_running", 1),
        ("job_status_retry", 1),
        ("job_status_retry", 1),
        ("job_status_running", 2),
        ("job_status_succeeded", 2),
        ("job_status_succeeded", 2),
        ("job_status_running", 3),
        ("job_status_failed", 3),
    ]
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_rollback_leaves_the_row_and_the_database_as_they_were(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            ProbeJob.create_sync(what="made")
            with job.transaction_sync() as conn:
                conn.execute("UPDATE probe_jobs SET what = 'changed'")
                conn.execute("SELECT pg_notify('changes', '[null, null, 1]')")
            [mine] = [each for each in ProbeJob.fetch_all_sync("TABLE probe_jobs")
                      if each.id == job.id]
            print("now", mine.what, mine.status.name)
        """,
        options="isolation = 'process'\n",
    )
    [job] = rows.insert("before")
    rows.conn.execute("UPDATE probe_jobs SET status = 'job_status_failed', attempts_count = 7")
    before = rows.get(job)
    output = run(app, job, "--rollback")
    assert "now changed SUCCEEDED" in output
    assert "cannot undo requests, mails, files" in output
    assert f"Probe {job}: succeeded\nProbe {job}: rolled back" in output
    assert rows.get(job) == before
    assert rows.conn.execute("SELECT count(*) FROM probe_jobs").fetchone() == (1,)
    assert rows.changes(job) == [("job_status_failed", 7)]


def test_jobs_that_cannot_be_run_are_named_with_what_to_do(app: Application, rows: Rows) -> None:
    first, second = rows.insert(n=2)
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = %s, locked_at = now()"
        " WHERE id = %s",
        (uuid4(), first),
    )
    assert "is running." in run(app, first, code=1)
    assert f"several jobs of probe_jobs begin with 0: {first}, {second}." in run(app, "0", code=2)
    assert "'mail' is not the id of a job" in run(app, "mail", code=2)
    assert "probe_jobs has no job ffff" in run(app, "ffff", code=1)
    with rows.conn.transaction():
        rows.conn.execute("SELECT FROM probe_jobs WHERE id = %s FOR UPDATE", (second,))
        assert "is locked by another session" in run(app, second, "--rollback", code=1)
    assert "--pdb needs a terminal" in run(app, second, "--pdb", code=2)
    assert rows.get(second).status == "job_status_not_started"


def test_interrupted_job_waits_again_unless_it_had_ended(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("begun", flush=True)
            await asyncio.sleep(600)
        """
    )
    waiting, ended = rows.insert(n=2)
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_succeeded', attempts_count = 1 WHERE id = %s",
        (ended,),
    )
    for job, code in ((waiting, 130), (ended, 1)):
        process = app.start("manage-jobs", "run", "Probe", str(job))
        process.wait_for_line("begun")
        process.send_signal(signal.SIGINT)
        process.wait_for_exit(code)
    row = rows.get(waiting)
    assert (row.status, row.attempts_count) == ("job_status_not_started", 0)
    row = rows.get(ended)
    assert (row.status, row.attempts_count) == ("job_status_failed", 2)
    assert row.last_error == "The job was cancelled."


def test_pdb_stops_at_the_error_before_the_rollback(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            secret = 6 * 7
            await job.update(what="changed")
            raise ValueError("no")
        """,
        options="timeout = timedelta(milliseconds=1)\n",
    )
    [job] = rows.insert("before")
    ours, theirs = pty.openpty()
    command = [str(BIN / "manage-jobs"), "run", "Probe", str(job), "--pdb", "--rollback"]
    process = subprocess.Popen(
        command, cwd=app.root, env=app.env, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = ""

    def wait_for_text(text: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + TIMEOUT
        while text not in seen:
            assert select.select([ours], [], [], max(deadline - time.monotonic(), 0))[0], seen
            seen += os.read(ours, 65536).decode()
        seen = seen.partition(text)[2]

    try:
        wait_for_text("ValueError: no")
        wait_for_text('-> raise ValueError("no")')
        wait_for_text("(Pdb)")
        os.write(ours, b"p secret, job.refresh_sync().what\n")
        wait_for_text("(42, 'changed')")
        os.write(ours, b"q\n")
        wait_for_text("rolled back")
        assert process.wait(TIMEOUT) == 1
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert (rows.get(job).status, rows.get(job).attempts_count) == ("job_status_not_started", 0)
    assert rows.conn.execute("SELECT what FROM probe_jobs").fetchone() == ("before",)
