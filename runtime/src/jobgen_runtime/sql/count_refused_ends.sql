-- Return how many jobs of the table, of whichever worker, have ended without the database letting a worker
-- write that.
SELECT COUNT(*)
FROM {job_refusals} AS refusal
JOIN {table} AS job ON job.id = refusal.job_id
WHERE refusal.job_table = {regclass}::REGCLASS
    AND refusal.wanted_status <> 'job_status_running'
    AND refusal.refused_at >= job.locked_at
    AND job.status = 'job_status_running'
