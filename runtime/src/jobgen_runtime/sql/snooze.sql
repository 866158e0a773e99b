-- running -> retry at a time that the job itself chose, where the claim still holds. The attempt does
-- not count. The row does not return to not_started because strict_order must know that it was tried.
-- The fence is explained in succeed.sql.
WITH ended_job AS (
    UPDATE {table} AS job
    SET status = 'job_status_retry',
        attempts_count = GREATEST(job.attempts_count - 1, 0),
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
    RETURNING job.id, job.status{more_columns}
){more_parts}
{changed_ids}
