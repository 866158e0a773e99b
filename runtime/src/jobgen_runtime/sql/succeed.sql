-- running -> succeeded, where the claim still holds. The last error stays, as history.
-- `ids` leads to the rows by primary key. The fence is written so that no index fits it, and apart
-- from `ids`: joined to them, it tempts the planner to read the whole table while its statistics are
-- old. A worker knows one claim of a row at most, so no other's locked_at can be among these.
UPDATE {table} AS job
SET status = 'job_status_succeeded', locked_by = NULL, locked_at = NULL, updated_at = NOW()
WHERE job.id = ANY (%(ids)s::UUID[])
    AND job.status IS NOT DISTINCT FROM 'job_status_running'
    AND job.locked_by IS NOT DISTINCT FROM %(worker)s
    AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
RETURNING job.id
