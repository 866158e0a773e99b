-- running -> retry, where the claim still holds. The fence is explained in succeed.sql. A suspect
-- keeps locked_by, which marks it: see rescue.sql.
WITH ended_job AS (
    UPDATE {table} AS job
    SET status = 'job_status_retry',
        last_error = ended.error,
        run_at = NOW() + ended.delay,
        locked_by = CASE WHEN ended.is_suspect THEN job.locked_by END,
        locked_at = NULL,
        updated_at = NOW()
    FROM UNNEST(%(ids)s::UUID[], %(errors)s::TEXT[], %(delays)s::INTERVAL[], %(are_suspects)s::BOOLEAN[])
        AS ended (id, error, delay, is_suspect)
    WHERE job.id = ANY (%(ids)s::UUID[])
        AND job.id = ended.id
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND job.locked_by IS NOT DISTINCT FROM %(worker)s
        AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
    RETURNING job.id, job.status{more_columns}
){more_parts}
{changed_ids}
