-- not_started, retry -> running: claim the first due row whose last worker died.
WITH due AS MATERIALIZED (
    SELECT id
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        AND locked_by IS NOT NULL
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    ORDER BY run_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS job
SET status = 'job_status_running',
    attempts_count = attempts_count + 1,
    locked_by = %(worker)s,
    locked_at = NOW(),
    updated_at = NOW()
WHERE id = ANY (ARRAY(SELECT id FROM due))
RETURNING {columns}
