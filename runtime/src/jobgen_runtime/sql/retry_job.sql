-- any state but running -> not_started: due now, with all attempts, no owner and no request to cancel.
-- A running job stays as it is.
-- Return the state seen under the row's lock; no row means that the job is gone. A refused job has ended,
-- but the database did not let its worker write that.
WITH target AS MATERIALIZED (
    SELECT
        id,
        CASE
            WHEN status IN ('job_status_not_started', 'job_status_retry') THEN 'waiting'
            WHEN status <> 'job_status_running' THEN 'ended'
            WHEN EXISTS (
                SELECT FROM {job_refusals} AS refusal
                WHERE refusal.job_table = {regclass}::REGCLASS
                    AND refusal.job_id = job.id
                    AND refusal.wanted_status <> 'job_status_running'
                    AND refusal.refused_at >= job.locked_at
            ) THEN 'refused'
            ELSE 'running'
        END AS state
    FROM {table} AS job
    WHERE id = %(id)s
    FOR UPDATE OF job
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
