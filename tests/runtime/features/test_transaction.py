"""`job.transaction()`: the job's own writes and its success, together or neither."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows

WAYS = {
    "async": ("async def", "async with job.transaction() as conn", "await Band.create(conn,"),
    "plain": ("def", "with job.transaction_sync() as conn", "Band.create_sync(conn,"),
}


def write_job(app: Application, way: str, text: str, options: str = "") -> None:
    define, within, create = WAYS[way]
    text = text.replace("WITH", within).replace("CREATE(", create)
    app.write_job(
        f"{define} perform(self, job):\n    from Generated.Types import Band\n{text}",
        options=f"max_attempts = 1\n{options}",
    )


def bands(rows: Rows) -> list[str]:
    return [row[0] for row in rows.conn.execute("SELECT name FROM bands ORDER BY id")]


def drain(app: Application, code: int = 0) -> str:
    return app.start("run-jobs", "--drain").wait_for_exit(code)


@pytest.mark.parametrize("way", WAYS)
def test_writes_and_success_commit_together_and_what_follows_changes_nothing(
    app: Application, rows: Rows, way: str
) -> None:
    text = """
    WITH:
        CREATE(name="seen")
    raise ValueError("too late")
"""
    write_job(app, way, text)
    [job] = rows.insert()
    output = drain(app)
    row = rows.get(job)
    assert (row.status, row.last_error, row.locked_by) == ("job_status_succeeded", None, None)
    assert bands(rows) == ["seen"]
    assert "after its transaction had committed its success, which stands" in output
    assert "ValueError: too late" in output


@pytest.mark.parametrize("way", WAYS)
def test_an_error_in_the_block_undoes_the_writes(app: Application, rows: Rows, way: str) -> None:
    write_job(app, way, "    WITH:\n        CREATE(name='undone')\n        raise ValueError('x')")
    [job] = rows.insert()
    drain(app, 1)
    assert rows.get(job).status == "job_status_failed"
    assert bands(rows) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_job_that_was_taken_away_commits_nothing(app: Application, rows: Rows, way: str) -> None:
    text = """
    WITH:
        CREATE(name="undone")
        print("in the block")
        while not os.path.exists("go"):
            time.sleep(0.01)
"""
    write_job(app, way, text)
    worker = app.run_jobs()
    [job] = rows.insert()
    worker.wait_for_line("in the block")
    rows.conn.execute("UPDATE probe_jobs SET locked_at = locked_at - interval '1 second'")
    app.write("go", "")
    worker.wait_for_line("The transaction was rolled back")
    worker.wait_for_line("when it ended")
    assert bands(rows) == []
    assert rows.get(job).status == "job_status_running"


def test_a_rolled_back_transaction_may_be_tried_again(app: Application, rows: Rows) -> None:
    text = """
    import psycopg
    WITH:
        CREATE(name="undone")
        raise psycopg.Rollback
    WITH:
        CREATE(name="kept")
"""
    write_job(app, "async", text)
    [job] = rows.insert()
    drain(app)
    assert rows.get(job).status == "job_status_succeeded"
    assert bands(rows) == ["kept"]


def misuse(app: Application, rows: Rows, text: str) -> str:
    write_job(app, "async", text)
    [job] = rows.insert()
    process: Process = app.start("run-jobs", "--drain")
    process.wait_for_exit(1)
    error: str = rows.get(job).last_error
    return error


def test_it_is_refused_for_another_job(app: Application, rows: Rows) -> None:
    text = """
    other = await ProbeJob.create(run_at=job.run_at + timedelta(days=1))
    async with other.transaction():
        pass
"""
    assert "was called outside of that job" in misuse(app, rows, text)


def test_it_is_refused_within_itself(app: Application, rows: Rows) -> None:
    text = "    WITH:\n        WITH:\n            pass"
    assert "is already inside its transaction" in misuse(app, rows, text)
    assert bands(rows) == []
