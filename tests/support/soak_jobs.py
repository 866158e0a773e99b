"""The jobs of the soak test: each records its effect, fails now and then, and misbehaves."""

from __future__ import annotations

from tests.support.reporting import ON_FAILED
from tests.support.soak_schedules import OPTIONS

ASYNC = """
async def perform(self, job):
    import random
    with recorded(job):
        await asyncio.sleep(random.uniform(0, 0.05))
        if random.random() < 0.05:
            time.sleep(0.05)
        if random.random() < 0.1:
            raise ValueError("now and then")
    return misbehave(job)
"""

PLAIN = """
def perform(self, job):
    import random
    with recorded(job):
        time.sleep(random.uniform(0, 0.05))
        if random.random() < 0.1:
            raise ValueError("now and then")
    return misbehave(job)
"""

COMMITTED = """
async def perform(self, job):
    import random
    async with job.transaction() as conn:
        with recorded(job):
            await conn.execute("INSERT INTO commits VALUES (%s)", (job.id,))
            await asyncio.sleep(random.uniform(0, 0.05))
            if random.random() < 0.1:
                raise ValueError("now and then")
    return misbehave(job)
"""

CANCELLED = "Cancelled: now and then"
"""The error of jobs that cancel themselves."""

REPORTED = """
async def perform(self, job):
    import random
    from jobgen_runtime import Cancel
    with recorded(job):
        await asyncio.sleep(random.uniform(0, 0.05))
        if random.random() < 0.1:
            raise ValueError("now and then")
    if random.random() < 0.1:
        raise Cancel("now and then")
    return misbehave(job)
"""

JOBS = {
    "async": ("", ASYNC),
    "in threads": ("", PLAIN),
    "in processes": ('isolation = "process"\nmax_concurrency = 4\n', PLAIN),
    "unique": ("", ASYNC),
    # Only the timeout ends a job whose connection has fallen silent.
    "in job.transaction()": ("timeout = timedelta(seconds=3)\n", COMMITTED),
    "with priorities": ("", ASYNC),
    "with schedules": (OPTIONS, ASYNC),
    "with retention": ("keep = timedelta(seconds=1)\n", ASYNC),
    "with reports": (f"{ON_FAILED}keep_attempts = True\n", REPORTED),
}

UNIQUE = {"unique"}
"""The kinds of which one job waits for each value."""

TRANSACTIONAL = {"in job.transaction()"}
"""The kinds that write in `job.transaction()`."""

WITH_PRIORITIES = {"with priorities"}
"""The kinds whose table has the column `priority`."""

WITH_SCHEDULES = {"with schedules"}
"""The kinds that a schedule inserts, besides the test."""

WITH_RETENTION = {"with retention"}
"""The kinds whose old jobs are deleted."""

KEEP_BOOKS = """
CREATE TABLE deleted_jobs (id UUID, status JOB_STATUS, attempts_count INT);
CREATE VIEW all_jobs AS
    SELECT id, status, attempts_count FROM probe_jobs UNION ALL TABLE deleted_jobs;
CREATE FUNCTION note_deleted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_jobs VALUES (OLD.id, OLD.status, OLD.attempts_count);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_deleted AFTER DELETE ON probe_jobs FOR EACH ROW EXECUTE FUNCTION note_deleted()
"""
"""A view of all jobs, also of those that workers have deleted."""

WITH_REPORTS = {"with reports"}
"""The kinds whose failures are reported, and whose attempts are recorded."""

INSERT = "INSERT INTO probe_jobs SELECT FROM generate_series(1, %s)"

INSERT_BY_PRIORITY = (
    "INSERT INTO probe_jobs (priority) SELECT n %% 5 - 2 FROM generate_series(1, %s) AS n"
)

RAISE_PRIORITIES = """
UPDATE probe_jobs SET priority = priority + 1
WHERE id = ANY (ARRAY(
    SELECT id FROM probe_jobs
    WHERE status IN ('job_status_not_started', 'job_status_retry') AND priority < 9
    LIMIT 50
    FOR UPDATE SKIP LOCKED
))
"""
"""Changes waiting jobs, which workers may be about to claim."""

INSERT_UNIQUE = """
INSERT INTO probe_jobs (what) SELECT floor(random() * 60)::TEXT FROM generate_series(1, %s)
ON CONFLICT (what) WHERE status IN ('job_status_not_started', 'job_status_retry') DO NOTHING
"""
"""Inserts the jobs of random values, except for duplicates of those that wait."""
