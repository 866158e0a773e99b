-- Record the attempt that succeeds in the job's own transaction. The attempt ends now, not when that
-- began.
INSERT INTO {job_attempts} (job_table, job_id, attempt, started_at, ended_at, outcome, worker_id)
SELECT
    {regclass}::REGCLASS,
    %(id)s,
    %(attempt)s,
    %(locked_at)s::TIMESTAMPTZ + %(waited)s::INTERVAL,
    GREATEST(pg_catalog.clock_timestamp(), %(locked_at)s::TIMESTAMPTZ + %(waited)s::INTERVAL),
    'succeeded',
    %(worker)s
FROM ended_job
WHERE ended_job.status <> 'job_status_running'
