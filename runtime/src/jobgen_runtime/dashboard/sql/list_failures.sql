-- Return the failures of a table with the highest ids, which are the newest where ids grow with time, by the
-- partial index of failed jobs. One part for each table makes one statement.
SELECT {number}, id, extract(epoch FROM updated_at)::float8
FROM {table}
WHERE status IN ('job_status_failed', 'job_status_timed_out')
ORDER BY id DESC
LIMIT %(limit)s
