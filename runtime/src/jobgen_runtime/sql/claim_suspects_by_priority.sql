-- claim_suspects for a kind with priorities. They are searched for like in suspects_by_priority.sql.
WITH first AS MATERIALIZED (
    {first_due_by_priority}
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
ORDER BY priority DESC, run_at, id
