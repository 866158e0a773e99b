-- next_due for a kind in strict order: rows that wait for a retry come first, and no row passes a
-- suspect. A first row that is refused holds back all others, as if nothing were due.
SELECT
    {table_name} AS table_name,
    CASE WHEN locked_by IS NULL THEN seconds END AS seconds,
    CASE WHEN locked_by IS NOT NULL THEN seconds END AS suspect_seconds
FROM (
    SELECT
        id,
        locked_by,
        CASE
            WHEN ISFINITE(run_at) THEN EXTRACT(EPOCH FROM run_at - CLOCK_TIMESTAMP())::FLOAT8
            WHEN run_at < NOW() THEN 0
        END AS seconds
    FROM (
        {first_in_strict_order}
    ) AS row
) AS first
WHERE NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    {not_refused}
