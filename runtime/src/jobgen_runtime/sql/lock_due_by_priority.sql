-- lock_due for a kind with priorities, in the order of claim_by_priority.
WITH RECURSIVE level (priority) AS (
    {waiting_levels}
)
SELECT first.id
FROM level
CROSS JOIN LATERAL (
    SELECT id
    FROM {table}
    WHERE priority = ANY (ARRAY[level.priority])
        AND status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        AND CASE
                WHEN locked_by IS NULL THEN 0
                ELSE COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], last_error), 1)
            END = %(deaths)s
        {not_refused}
    ORDER BY priority DESC, run_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AS first
WHERE level.priority < 32768
LIMIT %(limit)s
