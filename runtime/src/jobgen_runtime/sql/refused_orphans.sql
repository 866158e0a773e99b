-- Return the jobs of dead workers whose completion the database refuses, the oldest refusal first. A
-- refusal that is older than the claim is that of an earlier attempt: the job has been started over
-- since.
SELECT refusal.job_id, refusal.wanted_status::TEXT, refusal.reason
FROM {job_refusals} AS refusal
JOIN {table} AS job ON job.id = refusal.job_id
WHERE refusal.job_table = {regclass}::REGCLASS
    AND refusal.wanted_status <> 'job_status_running'
    AND refusal.refused_at >= job.locked_at
    AND job.status = 'job_status_running'
    AND NOT EXISTS (SELECT FROM {job_workers} AS worker WHERE worker.id = job.locked_by)
    AND job.id <> ALL (%(skipped)s::UUID[])
ORDER BY refusal.refused_at, refusal.job_id
LIMIT %(limit)s
