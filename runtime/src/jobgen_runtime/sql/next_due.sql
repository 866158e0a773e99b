-- Return the seconds until the table's first waiting row that is no suspect is due, NULL for never
-- (run_at may be infinite). If the first waiting row of all is a suspect, also the seconds until that
-- one is due. No row while the kind is paused. One index probe, and a second behind a suspect.
SELECT
    {table_name} AS table_name,
    CASE
        WHEN first.locked_by IS NULL THEN first.seconds
        ELSE (
            SELECT CASE
                    WHEN ISFINITE(run_at) THEN EXTRACT(EPOCH FROM run_at - CLOCK_TIMESTAMP())::FLOAT8
                    WHEN run_at < NOW() THEN 0
                END
            FROM {table}
            WHERE status IN ('job_status_not_started', 'job_status_retry') AND locked_by IS NULL
                {not_refused}
            ORDER BY run_at, id
            LIMIT 1
        )
    END AS seconds,
    CASE WHEN first.locked_by IS NOT NULL THEN first.seconds END AS suspect_seconds
FROM (
    SELECT
        locked_by,
        CASE
            WHEN ISFINITE(run_at) THEN EXTRACT(EPOCH FROM run_at - CLOCK_TIMESTAMP())::FLOAT8
            WHEN run_at < NOW() THEN 0
        END AS seconds
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    ORDER BY run_at, id
    LIMIT 1
) AS first
