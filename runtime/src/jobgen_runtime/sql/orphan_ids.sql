-- Return the first rows that rescue.sql would take, to find those among them that the database refuses.
SELECT job.id
FROM {table} AS job
WHERE job.status = 'job_status_running'
    AND NOT EXISTS (SELECT FROM {job_workers} AS worker WHERE worker.id = job.locked_by)
    AND NOT EXISTS (
        SELECT FROM {job_refusals} AS refusal
        WHERE refusal.job_table = {regclass}::REGCLASS AND refusal.job_id = job.id
            AND refusal.wanted_status <> 'job_status_running' AND refusal.refused_at >= job.locked_at
    )
    AND job.id <> ALL (%(skipped)s::UUID[])
LIMIT %(limit)s
