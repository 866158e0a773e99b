WITH due AS MATERIALIZED (
    SELECT id FROM noop_jobs
    WHERE status IN ('job_status_not_started', 'job_status_retry') AND run_at <= now()
    ORDER BY run_at, id
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
)
UPDATE noop_jobs SET
    status = 'job_status_running',
    locked_by = %(worker)s,
    locked_at = now(),
    updated_at = now(),
    attempts_count = attempts_count + 1
FROM due
WHERE noop_jobs.id = due.id
RETURNING noop_jobs.id, noop_jobs.number
