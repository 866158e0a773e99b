-- Return running jobs of a table with their workers, by the partial index of running jobs. One part for each
-- table makes one statement.
SELECT {number}, id, locked_by::text, extract(epoch FROM locked_at)::float8
FROM {table}
WHERE status = 'job_status_running'
ORDER BY locked_by
LIMIT %(limit)s
