-- Count the due jobs and those that wait for their time, of a kind with priorities. Its index is not in the
-- order of run_at, so the first `first_rows` waiting jobs are read, from the highest priority on.
SELECT
    COUNT(*) FILTER (WHERE run_at <= NOW()) AS due,
    COUNT(*) FILTER (WHERE run_at > NOW()) AS scheduled,
    MAX(EXTRACT(EPOCH FROM NOW() - CASE WHEN ISFINITE(run_at) THEN run_at ELSE created_at END)::FLOAT8)
        FILTER (WHERE run_at <= NOW()) AS oldest_due_age
FROM (
    SELECT run_at, created_at
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
    ORDER BY priority DESC, run_at, id
    LIMIT %(first_rows)s
) AS waiting
