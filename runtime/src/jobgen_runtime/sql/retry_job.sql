-- any state but running -> not_started: due now, with all attempts, no owner and no request to cancel.
-- A running job stays as it is.
-- Return the state seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    {lock_job}
), changed AS (
    UPDATE {table} AS job
    SET status = 'job_status_not_started',
        attempts_count = 0,
        locked_by = NULL,
        locked_at = NULL,
        run_at = NOW(),
        updated_at = NOW()
    FROM target
    WHERE job.id = target.id AND target.state <> 'running'
    RETURNING job.id
), dropped AS (
    DELETE FROM {job_cancellations}
    WHERE job_table = {regclass}::REGCLASS
        AND job_id IN (SELECT id FROM target WHERE state <> 'running')
)
SELECT state, state <> 'running' AND NOT EXISTS (SELECT FROM changed) AS is_suppressed
FROM target
