-- running -> retry, where the claim still holds.
-- The fence is written so that no index fits it: the rows are to be found by primary key. While the
-- statistics are old, the planner else takes the index of running rows, and reads it for each of them.
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
    AND job.status::TEXT = 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = ended.locked_at
RETURNING job.id
