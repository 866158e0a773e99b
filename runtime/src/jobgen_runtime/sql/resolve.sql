-- not_started, retry -> failed: jobs that were to be cancelled while they ran, and were put back
-- before their worker knew. Requests whose job has ended, so or otherwise, go.
WITH ended AS (
    UPDATE {table} AS job
    SET status = 'job_status_failed',
        last_error = %(error)s,
        locked_by = NULL,
        locked_at = NULL,
        updated_at = NOW()
    FROM {job_cancellations} AS asked
    WHERE asked.job_table = {regclass}::REGCLASS
        AND job.id = asked.job_id
        AND job.status IN ('job_status_not_started', 'job_status_retry')
    RETURNING job.id
), dropped AS (
    DELETE FROM {job_cancellations} AS asked
    WHERE job_table = {regclass}::REGCLASS
        AND (
            job_id IN (SELECT id FROM ended)
            OR NOT EXISTS (
                SELECT FROM {table} AS job
                WHERE job.id = asked.job_id
                    AND job.status IN ('job_status_not_started', 'job_status_retry', 'job_status_running')
            )
        )
)
SELECT id FROM ended
