-- Return due rows that row security lets this role read but not change. Rows that another session
-- has locked are not among them: their xmax is a transaction that runs.
SELECT id
FROM {table} AS job
WHERE pg_catalog.row_security_active({regclass}::REGCLASS)
    AND status IN ('job_status_not_started', 'job_status_retry')
    AND run_at <= NOW()
    AND CASE
            WHEN locked_by IS NULL THEN 0
            ELSE COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], last_error), 1)
        END = %(deaths)s
    {not_refused}
    AND id <> ALL (%(locked)s::UUID[])
    AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_locks AS lock
        WHERE lock.locktype = 'transactionid' AND lock.transactionid = job.xmax
    )
ORDER BY run_at, id
LIMIT %(limit)s
