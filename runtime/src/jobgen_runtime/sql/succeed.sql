-- running -> succeeded, where the claim still holds. The last error stays, as history.
UPDATE {table} AS job
SET status = 'job_status_succeeded', locked_by = NULL, locked_at = NULL, updated_at = NOW()
FROM UNNEST(%(ids)s::UUID[], %(locked_at)s::TIMESTAMPTZ[]) AS ended (id, locked_at)
WHERE job.id = ended.id
    AND job.status = 'job_status_running'
    AND job.locked_by = %(worker)s
    AND job.locked_at = ended.locked_at
RETURNING job.id
