-- Return a row if a job of a table is due, by the first one that waits. One part for each table makes one
-- statement.
SELECT {number}
WHERE (
    SELECT run_at
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
    ORDER BY run_at, id
    LIMIT 1
) < pg_catalog.now()
