-- Return the jobs of the table whose next transition the database refuses, the oldest refusal first, and
-- how many there are. A refusal that is older than the job's latest transition has been overtaken by it.
SELECT
    refusal.job_id AS job,
    refusal.wanted_status::TEXT AS wanted_status,
    refusal.reason,
    refusal.refused_at,
    COUNT(*) OVER ()::INT AS total
FROM {job_refusals} AS refusal
JOIN {table} AS job ON job.id = refusal.job_id
WHERE refusal.job_table = {regclass}::REGCLASS
    AND (%(job)s::UUID IS NULL OR refusal.job_id = %(job)s::UUID)
    AND CASE refusal.wanted_status
        WHEN 'job_status_running' THEN job.status IN ('job_status_not_started', 'job_status_retry')
            AND refusal.refused_at >= job.updated_at
        ELSE job.status = 'job_status_running' AND refusal.refused_at >= job.locked_at
    END
ORDER BY refusal.refused_at, refusal.job_id
LIMIT %(limit)s
