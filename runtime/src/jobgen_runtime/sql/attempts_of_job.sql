-- Return the latest attempts of a job whose class has keep_attempts, the latest first.
SELECT attempt, started_at, ended_at, outcome, worker_id, error
FROM {job_attempts}
WHERE job_table = {regclass}::REGCLASS AND job_id = %(job)s
ORDER BY started_at DESC, ended_at DESC
LIMIT %(limit)s
