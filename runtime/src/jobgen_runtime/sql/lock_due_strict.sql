-- Lock the row that claim_strict would take, and return its id.
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
)
SELECT id
FROM {table}
WHERE id = ANY (ARRAY(SELECT id FROM first))
    AND status IN ('job_status_not_started', 'job_status_retry')
    AND run_at <= NOW()
    AND locked_by IS NULL
FOR UPDATE SKIP LOCKED
