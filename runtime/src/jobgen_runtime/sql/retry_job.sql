-- any status but running -> not_started: due now, with all attempts, no owner and no request to cancel.
-- A running job stays as it is.
-- Return the status seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    SELECT id, status FROM {table} WHERE id = %(id)s FOR UPDATE
), changed AS (
    UPDATE {table} AS job
    SET status = 'job_status_not_started',
        attempts_count = 0,
        locked_by = NULL,
        locked_at = NULL,
        run_at = NOW(),
        updated_at = NOW()
    FROM target
    WHERE job.id = target.id AND target.status <> 'job_status_running'
), dropped AS (
    DELETE FROM {job_cancellations}
    WHERE job_table = {regclass}::REGCLASS
        AND job_id IN (SELECT id FROM target WHERE status <> 'job_status_running')
)
SELECT status::TEXT FROM target
