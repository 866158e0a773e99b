-- not_started, retry -> running: claim rows that this transaction has locked since they were due.
-- Returns those that became this worker's. If a row is missing, the caller must roll back.
WITH claimed AS (
    UPDATE {table} AS job
    SET status = 'job_status_running',
        attempts_count = attempts_count + 1,
        locked_by = %(worker)s,
        locked_at = NOW(),
        updated_at = NOW()
    WHERE id = ANY (%(ids)s::UUID[])
    RETURNING {columns}
)
SELECT {claimed_columns}
FROM claimed
WHERE locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL
ORDER BY run_at, id
