-- Return those of these rows whose claim still holds, by the fence of succeed.sql.
SELECT job.id
FROM {table} AS job
WHERE job.id = ANY (%(ids)s::UUID[])
    AND job.status IS NOT DISTINCT FROM 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
