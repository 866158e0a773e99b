-- running -> the status before the claim, for rows that name this worker although it does not hold
-- them: the answer to their claim was lost, so they never started. Later claims are left alone: this
-- statement may reach the server late, over a connection that has been abandoned.
UPDATE {table} AS job
SET status = CASE
        WHEN attempts_count > 1 THEN 'job_status_retry'::{job_status}
        ELSE 'job_status_not_started'::{job_status}
    END,
    attempts_count = GREATEST(attempts_count - 1, 0),
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
WHERE status = 'job_status_running' AND locked_by = %(worker)s AND id <> ALL (%(held)s::UUID[])
    AND locked_at <= %(until)s::TIMESTAMPTZ
RETURNING job.id
