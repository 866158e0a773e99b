-- not_started, retry -> running: claim due suspects with which %(deaths)s workers in a row have died,
-- oldest first. They are searched for among the first due rows only, like in suspects.sql.
WITH first AS MATERIALIZED (
    SELECT id, locked_by, last_error
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    ORDER BY run_at, id
    LIMIT %(searched)s
), due AS MATERIALIZED (
    SELECT id
    FROM {table}
    WHERE id = ANY (ARRAY(
            SELECT id
            FROM first
            WHERE locked_by IS NOT NULL
                AND COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], last_error), 1) = %(deaths)s
        ))
        AND status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        AND locked_by IS NOT NULL
    ORDER BY run_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE {table} AS job
    SET status = 'job_status_running',
        attempts_count = attempts_count + 1,
        locked_by = %(worker)s,
        locked_at = NOW(),
        updated_at = NOW()
    WHERE id = ANY (ARRAY(SELECT id FROM due))
    RETURNING {columns}
)
SELECT {claimed_columns}
FROM claimed
WHERE CASE
        WHEN locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL THEN TRUE
        ELSE ('not claimed: ' || id)::BOOLEAN
    END
ORDER BY run_at, id
