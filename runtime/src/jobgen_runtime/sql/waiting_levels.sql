-- Step through the priorities of the waiting rows, from the highest: each step is one index probe. A
-- paused kind has none. Starts above all priorities, and ends with NULL.
-- The lower bound keeps a claim that resumes at `after_priority` from reading that level's first
-- entries, which are those of claimed rows.
SELECT 32768
WHERE NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
UNION ALL
SELECT COALESCE(
        (
            SELECT job.priority::INT
            FROM {table} AS job
            WHERE status IN ('job_status_not_started', 'job_status_retry')
                AND job.priority < level.priority
                AND job.priority > CASE
                    WHEN level.priority > {after_priority} THEN {after_priority}
                    ELSE -32769
                END
            ORDER BY job.priority DESC, run_at, id
            LIMIT 1
        ),
        CASE WHEN level.priority > {after_priority} THEN {after_priority} END
    )
FROM level
WHERE level.priority IS NOT NULL
