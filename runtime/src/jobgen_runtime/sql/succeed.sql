-- running -> succeeded, where the claim still holds. The last error stays, as history, and locked_at as
-- the start of the last attempt.
-- `ids` finds the rows by primary key. The fence is written so that no index fits it, and apart from
-- `ids`: joined to them, it tempts the planner into reading the whole table while statistics are
-- stale. A worker knows at most one claim of a row, so no other claim's locked_at is among these.
WITH ended_job AS (
    UPDATE {table} AS job
    SET status = 'job_status_succeeded', locked_by = NULL, updated_at = NOW()
    WHERE job.id = ANY (%(ids)s::UUID[])
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND job.locked_by IS NOT DISTINCT FROM %(worker)s
        AND job.locked_at = ANY (%(locked_at)s::TIMESTAMPTZ[])
    RETURNING job.id, job.status{more_columns}
){more_parts}
{changed_ids}
HAVING COUNT(*) = 0 OR {notify_waiters}
