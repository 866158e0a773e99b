-- Return the rows that name this worker although it does not hold them. Later claims are left out:
-- the worker may hold them by the time it gets the answer.
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
