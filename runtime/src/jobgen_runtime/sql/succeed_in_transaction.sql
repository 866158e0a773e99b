-- succeed, as the last statement of the transaction that was opened for the job. Return whether this
-- is still that transaction. The fence is explained in succeed.sql, and {located} in record/success.py.
WITH ended_job AS (
    UPDATE {table} AS job
    SET status = 'job_status_succeeded', locked_by = NULL, updated_at = NOW()
    WHERE {located}
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND job.locked_by IS NOT DISTINCT FROM %(worker)s
        AND job.locked_at IS NOT DISTINCT FROM %(locked_at)s::TIMESTAMPTZ
    RETURNING job.status
){more_parts}
SELECT pg_catalog.current_setting('jobgen.transaction', TRUE) IS NOT DISTINCT FROM 'open'
FROM ended_job
WHERE status <> 'job_status_running' AND {notify_waiters}
