-- not_started, retry -> failed: jobs whose cancellation was requested while they ran, and which were
-- released before their worker learned of it. Requests for jobs that have ended are deleted.
WITH cancelled AS (
    UPDATE {table} AS job
    SET status = 'job_status_failed',
        last_error = %(error)s,
        locked_by = NULL,
        locked_at = NULL,
        updated_at = NOW()
    FROM {job_cancellations} AS request
    WHERE request.job_table = {regclass}::REGCLASS
        AND job.id = request.job_id
        AND job.status IN ('job_status_not_started', 'job_status_retry')
    RETURNING job.id
), resolved AS (
    DELETE FROM {job_cancellations} AS request
    WHERE job_table = {regclass}::REGCLASS
        AND (
            job_id IN (SELECT id FROM cancelled)
            OR NOT EXISTS (
                SELECT FROM {table} AS job
                WHERE job.id = request.job_id
                    AND job.status IN ('job_status_not_started', 'job_status_retry', 'job_status_running')
            )
        )
)
SELECT id FROM cancelled
