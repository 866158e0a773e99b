-- Count a table's due suspects by the number of workers in a row that have died with them. Only the
-- first due rows are read: claims leave suspects alone, so each becomes one of the first in time.
SELECT {table_name} AS table_name, deaths, COUNT(*) AS jobs
FROM (
    SELECT locked_by, COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], last_error), 1) AS deaths
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    ORDER BY run_at, id
    LIMIT %(searched)s
) AS first
WHERE locked_by IS NOT NULL
GROUP BY deaths
