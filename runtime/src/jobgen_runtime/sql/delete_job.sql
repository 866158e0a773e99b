-- Delete a job unless it is running: its worker would complete a row that no longer exists.
-- Return the state seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    {lock_job}
), deleted AS (
    DELETE FROM {table} AS job
    USING target
    WHERE job.id = target.id AND target.state <> 'running'
    RETURNING job.id
), forgotten AS (
    {delete_attempts}
)
SELECT state, state <> 'running' AND NOT EXISTS (SELECT FROM deleted) AS is_suppressed
FROM target
