"""The column `priority`: workers start the jobs with the highest first."""

from __future__ import annotations

import re
import signal
import types
from uuid import UUID

import pytest
from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.application import WAIT_FOR_GO, Application
from tests.support.priorities import ADD_PRIORITY, add_priorities
from tests.support.rows import Rows


def test_waiting_jobs_start_by_priority_then_run_at(app: Application, rows: Rows) -> None:
    add_priorities(app, rows.conn)
    app.write_job(WAIT_FOR_GO, options="max_concurrency = 1\n")
    rows.conn.execute(
        "INSERT INTO probe_jobs (priority, run_at) SELECT CASE n %% 4 WHEN 0 THEN -32768"
        " WHEN 1 THEN 0 WHEN 2 THEN 7 ELSE 32767 END, now() - (n * 37 %% 40) * interval '1 second'"
        " FROM generate_series(1, 40) AS n",
        (),
    )
    rows.conn.execute(
        "INSERT INTO probe_jobs (priority, run_at) VALUES (32767, now() + interval '1 hour')"
    )
    expected = rows.conn.execute(
        "SELECT id FROM probe_jobs WHERE run_at <= now() ORDER BY priority DESC, run_at, id"
    ).fetchall()
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert started(output) == [row[0] for row in expected]


def test_job_with_a_new_or_raised_priority_starts_in_the_next_free_slot(
    app: Application, rows: Rows
) -> None:
    add_priorities(app, rows.conn)
    app.write_job(WAIT_FOR_GO, options="max_concurrency = 2\n")
    running = rows.insert("wait", n=2, run_at="now() - interval '1 hour'")
    # The mean duration is short after these: a kind without priorities would be prefetched.
    before = rows.insert(n=20, run_at="now() - interval '2 hours'")
    backlog = rows.insert(n=200, run_at="now() - interval '10 minutes'")
    worker = app.run_jobs()
    rows.wait_for_status([*before, *running], "running")
    worker.wait_for_line("waiting")
    urgent = rows.conn.execute(
        "INSERT INTO probe_jobs (priority) VALUES (5) RETURNING id"
    ).fetchone()
    assert urgent is not None
    rows.conn.execute("UPDATE probe_jobs SET priority = 6 WHERE id = %s", (backlog[-1],))
    app.write("go", "")
    rows.wait_for_status(backlog, "succeeded")
    rows.wait_for_status([urgent[0]], "succeeded")
    worker.send_signal(signal.SIGTERM)
    after = [job for job in started(worker.wait_for_exit()) if job not in {*before, *running}]
    assert after[:2] == [backlog[-1], urgent[0]]
    assert len(after) == len(backlog) + 1


def started(output: str) -> list[UUID]:
    """Return the ids that the jobs have printed, in order."""
    return [UUID(job) for job in re.findall(r"^(?:.*\| )?ran (\S+)$", output, re.MULTILINE)]


def test_strict_order_of_a_kind_with_priorities_is_refused() -> None:
    class RankedJob(JobRecord):
        __table__ = Table("ranked_jobs", columns=("id", "priority"), key=("id",), has_priority=True)

    async def perform(self: object, job: RankedJob) -> None:
        """Do nothing."""

    options: dict[str, object] = {"perform": perform, "max_concurrency": 1}
    bases = (Job[RankedJob],)
    assert types.new_class("Ranked", bases, exec_body=lambda names: names.update(options))
    options["strict_order"] = True
    with pytest.raises(InvalidJob, match="strict_order contradicts the column priority") as refused:
        types.new_class("Ranked", bases, exec_body=lambda names: names.update(options))
    assert "Remove strict_order" in str(refused.value.hint)


def test_check_names_the_missing_index_with_its_sql_and_a_column_of_another_type(
    app: Application, rows: Rows
) -> None:
    add_priorities(app, rows.conn)
    rows.conn.execute(
        """
        DROP INDEX probe_jobs_priority;
        CREATE INDEX in_another_order ON probe_jobs (priority, run_at, id)
            WHERE status IN ('job_status_not_started', 'job_status_retry');
        CREATE INDEX of_other_rows ON probe_jobs (priority DESC, run_at, id)
            WHERE status = 'job_status_retry'
        """
    )
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert "-- probe_jobs has no index on (priority DESC, run_at, id)" in script
    [fix] = [line for line in script.splitlines() if line.startswith("CREATE INDEX")]
    assert "probe_jobs_priority" in fix
    rows.conn.execute(fix.encode())
    assert "Nothing is missing" in app.start("run-jobs", "--check").wait_for_exit(0)
    rows.conn.execute("ALTER TABLE probe_jobs ALTER priority TYPE INT")
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert "The column priority of probe_jobs is not SMALLINT NOT NULL in this database" in script
    rows.conn.execute(
        "ALTER TABLE probe_jobs ALTER priority TYPE SMALLINT;"
        "ALTER TABLE probe_jobs RENAME TO probes; CREATE VIEW probe_jobs AS SELECT * FROM probes"
    )
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert "priority" not in script


def test_worker_whose_types_do_not_know_the_column_goes_on_by_run_at(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(ADD_PRIORITY.encode())
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert "-- probe_jobs has priorities that Generated/Types.py does not know of" in script
    [first] = rows.insert(run_at="now() - interval '1 minute'")
    [second] = rows.insert()
    rows.conn.execute("UPDATE probe_jobs SET priority = 1 WHERE id = %s", (second,))
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert started(output) == [first, second]
