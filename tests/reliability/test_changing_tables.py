"""Changes of a job table while a worker runs."""

from __future__ import annotations

import signal

import pytest

from tests.support.application import Application
from tests.support.other_kind import attempts_of_other, insert_other
from tests.support.process import Process
from tests.support.rows import Rows


@pytest.fixture
def worker(app: Application, rows: Rows) -> Process:
    """A worker whose statements the server has prepared."""
    process = app.run_jobs("--poll", "0.5")
    for _ in range(8):
        rows.wait_for_status(rows.insert(), "succeeded")
    return process


@pytest.mark.parametrize(
    "change",
    [
        "ADD COLUMN more INT DEFAULT 7 NOT NULL",
        "ALTER COLUMN what TYPE VARCHAR(100)",
        "ALTER COLUMN what SET DEFAULT 'other'",
        "ADD CHECK (what <> 'never')",
    ],
    ids=["column added", "type changed", "default changed", "constraint added"],
)
def test_worker_continues_after_a_compatible_change_of_its_table(
    worker: Process, rows: Rows, change: str
) -> None:
    rows.conn.execute(f"ALTER TABLE probe_jobs {change}".encode())
    rows.wait_for_status(rows.insert(n=20), "succeeded", attempts=1)


def test_worker_continues_after_a_column_it_does_not_know_is_dropped(
    worker: Process, rows: Rows
) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs ADD COLUMN more INT")
    rows.wait_for_status(rows.insert(), "succeeded")
    rows.conn.execute("ALTER TABLE probe_jobs DROP COLUMN more")
    rows.wait_for_status(rows.insert(n=20), "succeeded", attempts=1)


def test_worker_waits_until_a_dropped_column_is_back(worker: Process, rows: Rows) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs DROP COLUMN moment")
    waiting = rows.insert(n=5)
    worker.wait_for_line("cannot claim jobs of Probe")
    assert {rows.get(row).attempts_count for row in waiting} == {0}
    rows.conn.execute("ALTER TABLE probe_jobs ADD COLUMN moment TIMESTAMPTZ")
    rows.wait_for_status(waiting, "succeeded", attempts=1)
    worker.wait_for_line("claiming Probe again")


def test_only_rows_with_an_unknown_enum_value_fail(app: Application, rows: Rows) -> None:
    types = app.root / "Generated/Types.py"
    head, tail = types.read_text().split("class ProbeJob(JobRecord):")
    tail = tail.replace('"moment",', '"moment",\n            "color",')
    tail = tail.replace('key=("id",),', 'key=("id",),\n        enums={"color": Color},')
    tail = tail.replace("\n    what: str\n", "\n    what: str\n    color: Color\n")
    types.write_text(f"{head}class ProbeJob(JobRecord):{tail}")
    rows.conn.execute("ALTER TABLE probe_jobs ADD COLUMN color COLOR DEFAULT 'red' NOT NULL")
    app.write_job(
        "async def perform(self, job):\n    assert job.color.value == 'red'",
        options="max_attempts = 1\n",
    )
    app.run_jobs()
    rows.wait_for_status(rows.insert(), "succeeded")
    rows.conn.execute("ALTER TYPE color ADD VALUE 'green' BEFORE 'red'")
    with rows.conn.transaction():
        good = rows.insert(n=5)
        [new] = rows.insert("new")
        rows.conn.execute("UPDATE probe_jobs SET color = 'green' WHERE id = %s", (new,))
        good += rows.insert(n=5)
    rows.wait_for_status(good, "succeeded", attempts=1)
    rows.wait_for_status([new], "failed", attempts=1)
    assert "green" in rows.get(new).last_error


def test_drain_whose_table_vanishes_exits_with_1(two_kinds: Application, rows: Rows) -> None:
    worker = two_kinds.start("run-jobs", "--drain")
    job = rows.insert("wait")
    worker.wait_for_line("waiting")
    rows.conn.execute("ALTER TABLE other_jobs RENAME TO away_jobs")
    two_kinds.write("go", "")
    assert "jobs of Other could not be claimed" in worker.wait_for_exit(1)
    rows.wait_for_status(job, "succeeded")


def test_drain_whose_table_vanishes_while_its_job_runs_exits_with_1(
    two_kinds: Application, rows: Rows
) -> None:
    worker = two_kinds.start("run-jobs", "--drain", "--grace", "0.1")
    rows.insert("wait")
    worker.wait_for_line("waiting")
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO away_jobs")
    two_kinds.write("go", "")
    assert "the ends of 1 job could not be written" in worker.wait_for_exit(1)


def test_idle_worker_logs_once_that_its_table_is_gone_and_goes_on_when_it_is_back(
    two_kinds: Application, rows: Rows
) -> None:
    worker = two_kinds.run_jobs("--poll", "0.2")
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO away_jobs")
    worker.wait_for_line('cannot look for jobs of Probe: relation "probe_jobs" does not exist')
    assert attempts_of_other(rows, insert_other(rows)) == 1
    rows.conn.execute("INSERT INTO away_jobs DEFAULT VALUES")
    rows.conn.execute("ALTER TABLE away_jobs RENAME TO probe_jobs")
    worker.wait_for_line("looking for jobs of Probe again")
    worker.wait_for_line("ran")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait_for_exit().count("cannot look for jobs") == 1
