-- Return the status of a kind of job: since when it is paused, how many live workers process it, and how
-- many jobs wait, run, and have failed. At most `cap` jobs of each group are read, or `first_rows` of those
-- that ended badly, by the group's partial index and in its order.
WITH ended_badly AS MATERIALIZED (
    SELECT status
    FROM {table}
    WHERE status IN ('job_status_failed', 'job_status_timed_out')
    ORDER BY id
    LIMIT %(first_rows)s
)
SELECT
    (SELECT paused_at FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS) AS paused_at,
    (
        SELECT COUNT(*) FROM {job_workers} WHERE expires_at > NOW() AND %(table)s = ANY (tables)
    ) AS workers,
    (
        SELECT COUNT(*)
        FROM (
            SELECT
            FROM {table}
            WHERE status IN ('job_status_not_started', 'job_status_retry')
            ORDER BY run_at, id
            LIMIT %(cap)s
        ) AS waiting
    ) AS waiting,
    (
        SELECT COUNT(*)
        FROM (
            SELECT FROM {table} WHERE status = 'job_status_running' ORDER BY locked_by LIMIT %(cap)s
        ) AS running
    ) AS running,
    (SELECT COUNT(*) FROM ended_badly WHERE status = 'job_status_failed') AS failed,
    (SELECT COUNT(*) FROM ended_badly WHERE status = 'job_status_timed_out') AS timed_out,
    (SELECT COUNT(*) FROM ended_badly) AS ended_badly
