-- waiting -> failed. A running job belongs to its worker, which a request asks to end it.
-- Return the status seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    SELECT id, status FROM {table} WHERE id = %(id)s FOR UPDATE
), ended AS (
    UPDATE {table} AS job
    SET status = 'job_status_failed',
        last_error = %(error)s,
        locked_by = NULL,
        locked_at = NULL,
        updated_at = NOW()
    FROM target
    WHERE job.id = target.id AND target.status IN ('job_status_not_started', 'job_status_retry')
), asked AS (
    INSERT INTO {job_cancellations} (job_table, job_id)
    SELECT {regclass}::REGCLASS, id FROM target WHERE status = 'job_status_running'
    ON CONFLICT (job_table, job_id) DO NOTHING
)
SELECT
    status::TEXT,
    CASE WHEN status = 'job_status_running' THEN pg_catalog.pg_notify('job_workers', 'cancel') END
FROM target
