-- running -> failed or timed_out, where the claim still holds. The fence is explained in succeed.sql.
WITH ended_job AS (
    UPDATE {table} AS job
    SET status = {status}, last_error = ended.error, locked_by = NULL, updated_at = NOW()
    FROM UNNEST(%(ids)s::UUID[], %(errors)s::TEXT[]) AS ended (id, error)
    WHERE job.id = ANY (%(ids)s::UUID[])
        AND job.id = ended.id
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND job.locked_by IS NOT DISTINCT FROM %(worker)s
        AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
    RETURNING job.id, job.status{more_columns}
){more_parts}
{changed_ids}
HAVING COUNT(*) = 0 OR {notify_waiters}
