-- waiting -> waiting: due at another time, now if run_at is NULL. A job in any other state stays as it is.
-- Return the state seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    {lock_job}
), changed AS (
    UPDATE {table} AS job
    SET run_at = COALESCE(%(run_at)s::TIMESTAMPTZ, NOW()), updated_at = NOW()
    FROM target
    WHERE job.id = target.id AND target.state = 'waiting'
    RETURNING job.id
)
SELECT state, state = 'waiting' AND NOT EXISTS (SELECT FROM changed) AS is_suppressed
FROM target
