-- running -> retry at a time that the job itself named, where the claim still holds: the attempt does
-- not count. Not back to not_started: it was tried, and strict_order is to know. For the fence, see
-- succeed.
UPDATE {table} AS job
SET status = 'job_status_retry',
    attempts_count = GREATEST(attempts_count - 1, 0),
    run_at = NOW() + ended.delay,
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
FROM UNNEST(%(ids)s::UUID[], %(delays)s::INTERVAL[]) AS ended (id, delay)
WHERE job.id = ANY (%(ids)s::UUID[])
    AND job.id = ended.id
    AND job.status IS NOT DISTINCT FROM 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
RETURNING job.id
