-- running -> retry at a time that the job itself named, where the claim still holds: the attempt does
-- not count. Not back to not_started: it was tried, and strict_order is to know.
-- The fence is written so that no index fits it: the rows are to be found by primary key. While the
-- statistics are old, the planner else takes the index of running rows, and reads it for each of them.
UPDATE {table} AS job
SET status = 'job_status_retry',
    attempts_count = GREATEST(attempts_count - 1, 0),
    run_at = NOW() + ended.delay,
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
FROM UNNEST(%(ids)s::UUID[], %(locked_at)s::TIMESTAMPTZ[], %(delays)s::INTERVAL[])
    AS ended (id, locked_at, delay)
WHERE job.id = ended.id
    AND job.status::TEXT = 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = ended.locked_at
RETURNING job.id
