"""A second kind of job, Other, which goes on while the application's Probe is held up."""

from __future__ import annotations

from uuid import UUID

from tests.support.rows import Rows
from tests.support.waiting import wait_for

TWO_KINDS = """
from dataclasses import replace

from Generated.Types import ProbeJob
from jobgen_runtime import Job
from Web.Job.Probe import Probe


class OtherJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="other_jobs")


class Other(Job[OtherJob]):
    async def perform(self, job):
        pass


workers = [Probe, Other]
"""

OTHER_TABLE = """
CREATE TABLE other_jobs (LIKE probe_jobs INCLUDING ALL);
CREATE TRIGGER other_jobs_wake_on_insert AFTER INSERT ON other_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
CREATE TRIGGER notify_test AFTER UPDATE ON other_jobs FOR EACH ROW EXECUTE FUNCTION notify_test();
"""


def insert_other(rows: Rows) -> UUID:
    """Insert a job of the kind Other and return its id."""
    row = rows.conn.execute("INSERT INTO other_jobs DEFAULT VALUES RETURNING id").fetchone()
    assert row is not None
    job: UUID = row[0]
    return job


def attempts_of_other(rows: Rows, job: UUID) -> int:
    """Wait until a job of the kind Other has succeeded; return its attempts.

    Reads no table that is locked.
    """
    query = (
        "SELECT attempts_count FROM other_jobs WHERE id = %s AND status = 'job_status_succeeded'"
    )
    wait_for(lambda: rows.conn.execute(query, (job,)).fetchone(), "the other job succeeds")
    [(attempts,)] = rows.conn.execute(query, (job,))
    return int(attempts)
