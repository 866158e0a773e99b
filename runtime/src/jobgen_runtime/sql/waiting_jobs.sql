-- Return the first jobs of a table that wait to be run, now or later.
SELECT {columns}
FROM {table}
WHERE status IN ('job_status_not_started', 'job_status_retry')
ORDER BY run_at, id
LIMIT %(limit)s
