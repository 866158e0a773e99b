-- Delete a job unless it is running: its worker would complete a row that no longer exists.
-- Return the status seen under the row's lock; no row means that the job is gone.
WITH target AS MATERIALIZED (
    SELECT id, status FROM {table} WHERE id = %(id)s FOR UPDATE
), changed AS (
    DELETE FROM {table} AS job
    USING target
    WHERE job.id = target.id AND target.status <> 'job_status_running'
)
SELECT status::TEXT FROM target
