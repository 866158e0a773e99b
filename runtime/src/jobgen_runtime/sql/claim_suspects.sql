-- not_started, retry -> running: claim due suspects with which %(deaths)s workers in a row have died,
-- oldest first. They are searched for among the first due rows only, like in suspects.sql.
-- Each suspect is locked by its key, without an order: `first` has it. Where sorting is disabled, versions
-- before 18 read all due rows from the index to have them in order, even if there is no suspect.
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
    SELECT locked.id
    FROM first
    CROSS JOIN LATERAL (
        SELECT id
        FROM {table}
        WHERE id = first.id
            AND status IN ('job_status_not_started', 'job_status_retry')
            AND run_at <= NOW()
            AND locked_by IS NOT NULL
        FOR UPDATE SKIP LOCKED
    ) AS locked
    WHERE first.locked_by IS NOT NULL
        AND COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], first.last_error), 1) = %(deaths)s
    LIMIT %(limit)s
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
