-- not_started, retry -> running: claim the first row in strict order, if it is due. Rows that wait
-- for a retry come first and hold back all others. So do a suspect, until claim_suspects has claimed
-- it, a row that another session has locked, and a refused one.
WITH first AS MATERIALIZED (
    SELECT id
    FROM (
        (
            SELECT 0 AS rank, id, run_at, locked_by
            FROM {table}
            WHERE status = 'job_status_retry'
            ORDER BY run_at, id
            LIMIT 1
        )
        UNION ALL
        (
            SELECT 1, id, run_at, locked_by
            FROM {table}
            WHERE status = 'job_status_not_started'
            ORDER BY run_at, id
            LIMIT 1
        )
        ORDER BY rank
        LIMIT 1
    ) AS row
    WHERE run_at <= NOW() AND locked_by IS NULL
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
), due AS MATERIALIZED (
    SELECT id
    FROM {table}
    WHERE id = ANY (ARRAY(SELECT id FROM first))
        AND status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        AND locked_by IS NULL
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
