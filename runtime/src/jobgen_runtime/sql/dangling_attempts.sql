-- Return how many recorded attempts are about job tables that were dropped; no row without any. The job
-- tables are read from the index one after another, because there may be millions of attempts. For the
-- same reason no more than `max_rows` of a table are counted.
WITH RECURSIVE kind (job_table) AS (
    (SELECT job_table::OID FROM {job_attempts} ORDER BY job_table LIMIT 1)
    UNION ALL
    SELECT (
        SELECT attempt.job_table::OID
        FROM {job_attempts} AS attempt
        WHERE attempt.job_table > kind.job_table
        ORDER BY attempt.job_table
        LIMIT 1
    )
    FROM kind
    WHERE kind.job_table IS NOT NULL
)
SELECT
    'job_attempts' AS table,
    SUM((
        SELECT COUNT(*)
        FROM (
            SELECT FROM {job_attempts} AS attempt WHERE attempt.job_table = kind.job_table LIMIT %(max_rows)s
        ) AS counted
    ))::INT AS rows
FROM kind
WHERE kind.job_table IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = kind.job_table)
HAVING COUNT(*) > 0
