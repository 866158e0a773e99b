-- Count the due jobs and those that wait for their time, `cap` of each at most, in the order of the claim index.
-- A run_at of minus infinity is due since the job was created.
SELECT
    (
        SELECT COUNT(*)
        FROM (
            SELECT
            FROM {table}
            WHERE status IN ('job_status_not_started', 'job_status_retry') AND run_at <= NOW()
            ORDER BY run_at, id
            LIMIT %(cap)s
        ) AS due
    ) AS due,
    (
        SELECT COUNT(*)
        FROM (
            SELECT
            FROM {table}
            WHERE status IN ('job_status_not_started', 'job_status_retry') AND run_at > NOW()
            ORDER BY run_at, id
            LIMIT %(cap)s
        ) AS scheduled
    ) AS scheduled,
    (
        SELECT EXTRACT(EPOCH FROM NOW() - CASE WHEN ISFINITE(run_at) THEN run_at ELSE created_at END)::FLOAT8
        FROM {table}
        WHERE status IN ('job_status_not_started', 'job_status_retry') AND run_at <= NOW()
        ORDER BY run_at, id
        LIMIT 1
    ) AS oldest_due_age
