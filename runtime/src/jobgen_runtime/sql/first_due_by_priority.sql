-- Return the first due rows of a kind with priorities, in the order of claim_by_priority.
WITH RECURSIVE level (priority) AS (
    {waiting_levels}
)
SELECT first.*
FROM level
CROSS JOIN LATERAL (
    SELECT id, locked_by, last_error
    FROM {table}
    WHERE priority = ANY (ARRAY[level.priority])
        AND status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        {not_refused}
    ORDER BY priority DESC, run_at, id
    LIMIT %(searched)s
) AS first
WHERE level.priority < 32768
LIMIT %(searched)s
