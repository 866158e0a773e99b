"""`job.transaction()`: the job's own writes and its success commit together."""

from __future__ import annotations

import pytest

from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows

WAYS = {
    "async": ("async def", "async with job.transaction() as conn", "await Band.create(conn,"),
    "sync": ("def", "with job.transaction_sync() as conn", "Band.create_sync(conn,"),
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
def test_transaction_commits_writes_and_success_whatever_perform_raises_later(
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
    assert "raised after its transaction had committed; the job stays succeeded" in output
    assert "ValueError: too late" in output


@pytest.mark.parametrize("way", WAYS)
def test_error_inside_the_transaction_rolls_back_its_writes(
    app: Application, rows: Rows, way: str
) -> None:
    write_job(app, way, "    WITH:\n        CREATE(name='undone')\n        raise ValueError('x')")
    [job] = rows.insert()
    drain(app, 1)
    assert rows.get(job).status == "job_status_failed"
    assert bands(rows) == []


@pytest.mark.parametrize("way", WAYS)
def test_transaction_of_a_job_whose_claim_was_lost_commits_nothing(
    app: Application, rows: Rows, way: str
) -> None:
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
    worker.wait_for_line("no longer belongs to this worker")
    worker.wait_for_line("when it ended")
    assert bands(rows) == []
    assert rows.get(job).status == "job_status_running"


def test_transaction_can_be_opened_again_after_a_rollback(app: Application, rows: Rows) -> None:
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


def test_transaction_of_another_job_is_refused(app: Application, rows: Rows) -> None:
    text = """
    other = await ProbeJob.create(run_at=job.run_at + timedelta(days=1))
    async with other.transaction():
        pass
"""
    assert "was called outside of that job" in misuse(app, rows, text)


def test_transaction_inside_the_same_transaction_is_refused(app: Application, rows: Rows) -> None:
    text = "    WITH:\n        WITH:\n            pass"
    assert "is already inside its transaction" in misuse(app, rows, text)
    assert bands(rows) == []


def test_second_transaction_after_a_commit_is_refused(app: Application, rows: Rows) -> None:
    text = """
    WITH:
        CREATE(name="kept")
    WITH:
        CREATE(name="refused")
"""
    write_job(app, "async", text)
    [job] = rows.insert()
    assert "has already committed its transaction" in drain(app)
    assert rows.get(job).status == "job_status_succeeded"
    assert bands(rows) == ["kept"]


ENDS = [
    "COMMIT",
    "ROLLBACK",
    "COMMIT AND CHAIN",
    "ROLLBACK AND CHAIN",
    "COMMIT; BEGIN",
    "ROLLBACK; BEGIN",
    "END; BEGIN; INSERT INTO bands (name) VALUES ('half')",
]


@pytest.mark.parametrize("way", WAYS)
def test_job_whose_transaction_is_ended_by_a_statement_fails(
    app: Application, rows: Rows, way: str
) -> None:
    text = """
    WITH:
        CREATE(name="first")
        EXECUTE(job.what)
"""
    text = text.replace("EXECUTE", "await conn.execute" if way == "async" else "conn.execute")
    write_job(app, way, text)
    jobs = {statement: rows.insert(statement)[0] for statement in ENDS}
    drain(app, 1)
    for statement, job in jobs.items():
        row = rows.get(job)
        assert row.status == "job_status_failed", statement
        assert "was ended by a statement inside its block, such as COMMIT or ROLLBACK" in (
            row.last_error
        ), statement
    assert "half" not in bands(rows)


def test_savepoints_inside_the_transaction_are_allowed(app: Application, rows: Rows) -> None:
    text = """
    import psycopg
    WITH:
        async with conn.transaction(force_rollback=True):
            CREATE(name="undone")
        await conn.execute("SAVEPOINT x")
        await conn.execute("ROLLBACK TO x")
        async with conn.transaction():
            CREATE(name="kept")
"""
    write_job(app, "async", text)
    [job] = rows.insert()
    drain(app)
    assert rows.get(job).status == "job_status_succeeded"
    assert bands(rows) == ["kept"]
