-- Count a kind's jobs by status, reading at most `cap` rows. Besides, return when its first waiting job is
-- or was due, and how many of its `newest` newest failed jobs failed in the last hour and before. One part
-- for each table makes one statement.
SELECT {number}, 'status', status::text, count(*)::float8
FROM (SELECT status FROM {table} LIMIT %(cap)s) AS capped
GROUP BY status
UNION ALL
(
    SELECT {number}, 'due', NULL, extract(epoch FROM run_at)::float8
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
    ORDER BY run_at, id
    LIMIT 1
)
UNION ALL
SELECT {number}, 'failed', CASE WHEN updated_at > now() - interval '1 hour' THEN 'recently' END, count(*)
FROM (
    SELECT updated_at
    FROM {table}
    WHERE status IN ('job_status_failed', 'job_status_timed_out')
    ORDER BY id DESC
    LIMIT %(newest)s
) AS newest
GROUP BY 3
