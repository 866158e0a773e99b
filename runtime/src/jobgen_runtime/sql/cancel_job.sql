-- waiting or refused -> failed. A running job belongs to its worker, which a request asks to end it.
-- Return the state seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    {lock_job}
), ended AS (
    UPDATE {table} AS job
    SET status = 'job_status_failed',
        last_error = %(error)s,
        locked_by = NULL,
        locked_at = NULL,
        updated_at = NOW()
    FROM target
    WHERE job.id = target.id AND target.state IN ('waiting', 'refused')
    RETURNING job.id
), asked AS (
    INSERT INTO {job_cancellations} (job_table, job_id)
    SELECT {regclass}::REGCLASS, id FROM target WHERE state = 'running'
    ON CONFLICT (job_table, job_id) DO NOTHING
)
SELECT
    state,
    state IN ('waiting', 'refused') AND NOT EXISTS (SELECT FROM ended) AS is_suppressed,
    CASE
        WHEN state = 'running' AND pg_catalog.pg_notification_queue_usage() < 0.9
        THEN pg_catalog.pg_notify('job_workers', 'cancel')
    END,
    EXISTS (SELECT FROM ended) AND {notify_waiters}
FROM target
