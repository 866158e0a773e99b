-- Count the running jobs of the kind on all workers: what global_concurrency limits. A job that has
-- ended although the database refuses its new status does not count.
SELECT COUNT(*)
FROM {table} AS job
WHERE job.status = 'job_status_running'
    AND NOT EXISTS (
        SELECT FROM {job_refusals} AS refusal
        WHERE refusal.job_table = {regclass}::REGCLASS AND refusal.job_id = job.id
            AND refusal.wanted_status <> 'job_status_running' AND refusal.refused_at >= job.locked_at
    )
