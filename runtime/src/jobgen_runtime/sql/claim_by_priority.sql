-- claim for a kind with priorities: due rows of the highest priority first, oldest first within each.
-- Each level is read until it has no more due rows or the batch is full, by the index of priorities.
-- The comparison with an array keeps the planner from reading a level by the index on (run_at, id),
-- which would pass the rows of all other levels: by that index, the rows would not be in this order.
-- `after` is a position in the level `after_priority`. Higher levels are read from their start, so a
-- job that comes in with a higher priority is in the next claim.
WITH RECURSIVE level (priority) AS (
    {waiting_levels}
), due AS MATERIALIZED (
    SELECT first.id
    FROM level
    CROSS JOIN LATERAL (
        SELECT id
        FROM {table}
        WHERE priority = ANY (ARRAY[level.priority])
            AND status IN ('job_status_not_started', 'job_status_retry')
            AND run_at <= NOW()
            AND (run_at, id) > (
                CASE WHEN level.priority = {after_priority} THEN %(after_run_at)s::TIMESTAMPTZ ELSE '-infinity' END,
                CASE
                    WHEN level.priority = {after_priority} THEN %(after_id)s::UUID
                    ELSE '00000000-0000-0000-0000-000000000000'
                END
            )
            AND locked_by IS NULL
            {not_refused}
        ORDER BY priority DESC, run_at, id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ) AS first
    WHERE level.priority < 32768
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
        WHEN {may_be_large} AND (SELECT SUM({value_bytes}) FROM claimed) > %(max_bytes)s
        THEN ('too large: ' || id)::BOOLEAN
        WHEN locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL THEN TRUE
        ELSE ('not claimed: ' || id)::BOOLEAN
    END
ORDER BY priority DESC, run_at, id
