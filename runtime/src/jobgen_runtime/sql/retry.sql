-- running -> retry, where the claim still holds. The fence is explained in succeed.sql.
UPDATE {table} AS job
SET status = 'job_status_retry',
    last_error = ended.error,
    run_at = NOW() + ended.delay,
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
FROM UNNEST(%(ids)s::UUID[], %(errors)s::TEXT[], %(delays)s::INTERVAL[]) AS ended (id, error, delay)
WHERE job.id = ANY (%(ids)s::UUID[])
    AND job.id = ended.id
    AND job.status IS NOT DISTINCT FROM 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
RETURNING job.id
