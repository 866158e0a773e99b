-- running -> retry, where the claim still holds.
UPDATE {table} AS job
SET status = 'job_status_retry',
    last_error = ended.error,
    run_at = NOW() + ended.delay,
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
FROM UNNEST(
    %(ids)s::UUID[], %(locked_at)s::TIMESTAMPTZ[], %(errors)s::TEXT[], %(delays)s::INTERVAL[]
) AS ended (id, locked_at, error, delay)
WHERE job.id = ended.id
    AND job.status = 'job_status_running'
    AND job.locked_by = %(worker)s
    AND job.locked_at = ended.locked_at
RETURNING job.id
