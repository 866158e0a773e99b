-- Count a table's waiting jobs, at most `cap` of them; no row if there are none. Those that are parked
-- (run_at = infinity) do not count.
SELECT {table_name} AS table_name, COUNT(*) AS waiting
FROM (
    SELECT
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry') AND run_at < 'infinity'
    ORDER BY run_at, id
    LIMIT %(cap)s
) AS first
HAVING COUNT(*) > 0
