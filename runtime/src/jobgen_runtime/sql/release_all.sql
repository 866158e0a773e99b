-- running -> the status before the claim, for rows of a worker that has exited, or those of `ids`
-- among them. Refused jobs have ended, and are left alone.
UPDATE {table} AS job
SET status = CASE
        WHEN attempts_count > 1 THEN 'job_status_retry'::{job_status}
        ELSE 'job_status_not_started'::{job_status}
    END,
    attempts_count = GREATEST(attempts_count - 1, 0),
    locked_by = NULL,
    locked_at = NULL,
    updated_at = NOW()
WHERE job.status = 'job_status_running' AND job.locked_by = %(worker)s AND job.id <> ALL (%(ended)s::UUID[])
    AND (%(ids)s::UUID[] IS NULL OR job.id = ANY (%(ids)s::UUID[]))
    AND NOT EXISTS (
        SELECT FROM {job_refusals} AS refusal
        WHERE refusal.job_table = {regclass}::REGCLASS AND refusal.job_id = job.id
            AND refusal.wanted_status <> 'job_status_running' AND refusal.refused_at >= job.locked_at
    )
RETURNING job.id
