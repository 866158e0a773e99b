-- Return how many jobs of the table, of whichever worker, have ended without the database letting a worker
-- write that. Without refusals nothing of the table is read: its index of running jobs is full of dead
-- entries after a drain. Each refused job is read by its id; the condition on its status fits no index.
SELECT COUNT(*)
FROM {job_refusals} AS refusal
WHERE refusal.job_table = {regclass}::REGCLASS
    AND refusal.wanted_status <> 'job_status_running'
    AND (
        SELECT job.locked_at <= refusal.refused_at
        FROM {table} AS job
        WHERE job.id = refusal.job_id AND job.status IS NOT DISTINCT FROM 'job_status_running'
    )
