-- Return the first row in strict order, whether it is due or not: rows that wait for a retry come
-- before all others.
(
    SELECT 0 AS rank, id, run_at, locked_by
    FROM {table}
    WHERE status = 'job_status_retry'
    ORDER BY run_at, id
    LIMIT 1
)
UNION ALL
(
    SELECT 1, id, run_at, locked_by
    FROM {table}
    WHERE status = 'job_status_not_started'
    ORDER BY run_at, id
    LIMIT 1
)
ORDER BY rank
LIMIT 1
