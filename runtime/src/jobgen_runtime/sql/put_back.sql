-- running -> what it was before the claim, where the claim still holds: the attempt does not count.
-- The fence is written so that no index fits it: the rows are to be found by primary key. While the
-- statistics are old, the planner else takes the index of running rows, and reads it for each of them.
UPDATE {table} AS job
SET status = CASE
        WHEN attempts_count > 1 THEN 'job_status_retry'::{job_status}
        ELSE 'job_status_not_started'::{job_status}
    END,
    attempts_count = GREATEST(attempts_count - 1, 0),
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
FROM UNNEST(%(ids)s::UUID[], %(locked_at)s::TIMESTAMPTZ[]) AS released (id, locked_at)
WHERE job.id = released.id
    AND job.status::TEXT = 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = released.locked_at
RETURNING job.id
