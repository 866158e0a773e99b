-- Return the seconds until the table's first waiting row is due, NULL for never (run_at may be
-- infinite), and whether that row is a suspect. No row while the kind is paused. One index probe.
SELECT
    {table_name} AS table_name,
    CASE
        WHEN ISFINITE(run_at) THEN EXTRACT(EPOCH FROM run_at - CLOCK_TIMESTAMP())::FLOAT8
        WHEN run_at < NOW() THEN 0
    END AS seconds,
    locked_by IS NOT NULL AS suspect
FROM (
    SELECT run_at, locked_by
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    ORDER BY run_at, id
    LIMIT 1
) AS first
