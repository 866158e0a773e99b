"""`job.update()` inside the job's own `perform` is fenced by the claim, and seen at once."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.rows import Rows

WAYS = {
    "async": ("async def", "await job.update(", ""),
    "thread": ("def", "job.update_sync(", ""),
    "process": ("def", "job.update_sync(", 'isolation = "process"'),
}

WAIT = """
    print("written", flush=True)
    while not os.path.exists("go"):
        time.sleep(0.01)
"""


def write_job(app: Application, way: str, text: str) -> None:
    define, update, options = WAYS[way]
    app.write_job(
        f"{define} perform(self, job):\n{text.replace('UPDATE(', update)}",
        options=f"max_attempts = 1\n{options}\n",
    )


@pytest.mark.parametrize("way", WAYS)
def test_update_of_a_running_job_is_seen_at_once_and_refused_after_its_claim_is_lost(
    app: Application, rows: Rows, way: str
) -> None:
    text = f"""
    UPDATE(what="40 %")
    assert (job.what, job.status.value, job.attempts_count) == ("40 %", "job_status_running", 1)
{WAIT}
    UPDATE(what="lost")
"""
    write_job(app, way, text)
    worker = app.run_jobs()
    [job] = rows.insert()
    worker.wait_for_line("written")
    seen = "SELECT what, updated_at > locked_at FROM probe_jobs"
    assert rows.conn.execute(seen).fetchall() == [("40 %", True)]
    rows.conn.execute("UPDATE probe_jobs SET locked_at = locked_at - interval '1 second'")
    app.write("go", "")
    worker.wait_for_line("no longer belongs to this worker")
    worker.close()
    assert rows.conn.execute("SELECT what FROM probe_jobs").fetchall() == [("40 %",)]
    assert [job] == [row[0] for row in rows.conn.execute("SELECT id FROM probe_jobs")]


def test_update_is_part_of_the_jobs_transaction_and_allowed_after_it(
    app: Application, rows: Rows
) -> None:
    text = """
    from jobgen_runtime import TransactionNotAllowed
    from sqlalchemy.ext.asyncio import AsyncSession
    if job.what == "undone":
        async with job.transaction() as conn:
            await job.update(conn, what="never")
            raise ValueError("x")
    async with job.transaction() as conn:
        await job.update(conn, what="first")
        assert (await ProbeJob.get(job.id)).what == "return"
        for others in ((), (AsyncSession(),)):
            try:
                await job.update(*others, what="waits for its own transaction")
            except TransactionNotAllowed as error:
                assert "Pass the connection" in str(error)
            else:
                raise AssertionError("not refused")
    await job.update(what=f"{job.what}, second")
    other = await ProbeJob.create(run_at=job.run_at + timedelta(days=1))
    await other.update(what="other")
"""
    write_job(app, "async", text)
    rows.insert("undone")
    rows.insert()
    app.start("run-jobs", "--drain").wait_for_exit(1)
    found = rows.conn.execute("SELECT what, status::text FROM probe_jobs ORDER BY id").fetchall()
    assert found == [
        ("undone", "job_status_failed"),
        ("first, second", "job_status_succeeded"),
        ("other", "job_status_not_started"),
    ]


def test_update_of_a_running_job_that_a_trigger_suppresses_is_not_a_lost_claim(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(
        "CREATE FUNCTION keep() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    )
    rows.conn.execute(
        "CREATE TRIGGER keep BEFORE UPDATE ON probe_jobs FOR EACH ROW"
        " WHEN (NEW.what = 'kept') EXECUTE FUNCTION keep()"
    )
    write_job(app, "async", '    UPDATE(what="kept")')
    [job] = rows.insert()
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "ChangeSuppressed: The ProbeJob with id=" in rows.get(job).last_error
