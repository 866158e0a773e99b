-- running -> the status before the claim, where the claim still holds. The attempt does not count.
-- The fence is explained in succeed.sql. A suspect keeps locked_by, which marks it: see rescue.sql.
WITH ended_job AS (
    UPDATE {table} AS job
    SET status = CASE
            WHEN attempts_count > 1 THEN 'job_status_retry'::{job_status}
            ELSE 'job_status_not_started'::{job_status}
        END,
        attempts_count = GREATEST(attempts_count - 1, 0),
        locked_by = CASE WHEN job.id = ANY (%(suspects)s::UUID[]) THEN job.locked_by END,
        locked_at = NULL,
        updated_at = NOW()
    WHERE job.id = ANY (%(ids)s::UUID[])
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND job.locked_by IS NOT DISTINCT FROM %(worker)s
        AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
    RETURNING job.id, job.status{more_columns}
){more_parts}
{changed_ids}
