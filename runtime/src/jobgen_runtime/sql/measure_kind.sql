-- Measure a kind of job: how many jobs are due, wait for their time, run, and have failed or timed out, for how
-- long the first one has been due, and whether the kind is paused. At most `cap` jobs of each group are read,
-- or `first_rows` of those that ended badly, by the group's partial index and in its order.
WITH ended_badly AS MATERIALIZED (
    SELECT status
    FROM {table}
    WHERE status IN ('job_status_failed', 'job_status_timed_out')
    ORDER BY id
    LIMIT %(first_rows)s
),
waiting AS (
    {measure_waiting}
)
SELECT
    waiting.due,
    waiting.scheduled,
    waiting.oldest_due_age,
    (
        SELECT COUNT(*)
        FROM (
            SELECT FROM {table} WHERE status = 'job_status_running' ORDER BY locked_by LIMIT %(cap)s
        ) AS running
    ) AS running,
    (SELECT COUNT(*) FROM ended_badly WHERE status = 'job_status_failed') AS failed,
    (SELECT COUNT(*) FROM ended_badly WHERE status = 'job_status_timed_out') AS timed_out,
    (
        SELECT COUNT(*) FROM {job_workers} WHERE expires_at > NOW() AND %(table)s = ANY (tables)
    ) AS workers,
    EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS) AS is_paused
FROM waiting
