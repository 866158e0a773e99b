-- The ids go through an array, whose length the planner does not guess from the limit. With a join
-- it scans the whole table for each batch while the table has fewer than about 300,000 rows.
WITH due AS MATERIALIZED (
    SELECT id FROM noop_jobs
    WHERE status IN ('job_status_not_started', 'job_status_retry') AND run_at <= now()
    ORDER BY run_at, id
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
)
UPDATE noop_jobs SET
    status = 'job_status_running',
    locked_by = %(worker)s,
    locked_at = now(),
    updated_at = now(),
    attempts_count = attempts_count + 1
WHERE id = ANY (ARRAY(SELECT id FROM due))
RETURNING id, number, locked_at
