-- Return the rows that name this worker although it does not hold them. Later claims are left out:
-- the worker may hold them by the time it gets the answer.
-- A row whose locked_at was deleted by hand fits no fence, so it gets a new one.
WITH without_fence AS (
    UPDATE {table} AS job
    SET locked_at = NOW()
    WHERE job.status = 'job_status_running' AND job.locked_by = %(worker)s AND job.id <> ALL (%(held)s::UUID[])
        AND job.locked_at IS NULL
    RETURNING job.id, job.locked_at, job.attempts_count
)
SELECT id, locked_at::TEXT, attempts_count FROM without_fence
UNION ALL
SELECT job.id, job.locked_at::TEXT, job.attempts_count
FROM {table} AS job
WHERE job.status = 'job_status_running' AND job.locked_by = %(worker)s AND job.id <> ALL (%(held)s::UUID[])
    AND job.locked_at <= %(until)s::TIMESTAMPTZ
    AND NOT EXISTS (
        SELECT FROM {job_refusals} AS refusal
        WHERE refusal.job_table = {regclass}::REGCLASS AND refusal.job_id = job.id
            AND refusal.wanted_status <> 'job_status_running' AND refusal.refused_at >= job.locked_at
    )
LIMIT %(limit)s
