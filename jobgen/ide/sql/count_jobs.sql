-- Count the waiting, running and failed jobs of a table, each in its partial index and up to a limit.
-- The predicates of the indexes are repeated literally.
SELECT
    (
        SELECT count(*) FROM (
            SELECT FROM {table}
            WHERE status IN ('job_status_not_started', 'job_status_retry')
            LIMIT %(most)s
        ) AS found
    ) AS waiting,
    (
        SELECT count(*) FROM (
            SELECT FROM {table} WHERE status = 'job_status_running' LIMIT %(most)s
        ) AS found
    ) AS running,
    (
        SELECT count(*) FROM (
            SELECT FROM {table}
            WHERE status IN ('job_status_failed', 'job_status_timed_out')
            LIMIT %(most)s
        ) AS found
    ) AS failed
