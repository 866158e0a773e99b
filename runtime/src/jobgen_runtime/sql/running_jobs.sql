-- Return running jobs with their workers, by the partial index of running jobs.
SELECT id, attempts_count AS attempt, locked_by AS worker, NOW() - locked_at AS runs_for
FROM {table}
WHERE status = 'job_status_running'
ORDER BY locked_by
LIMIT %(limit)s
