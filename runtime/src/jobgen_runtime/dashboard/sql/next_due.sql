-- Return when the first waiting job is or was due.
SELECT extract(epoch FROM run_at)::float8
FROM {table}
WHERE status IN ('job_status_not_started', 'job_status_retry')
ORDER BY run_at, id
LIMIT 1
