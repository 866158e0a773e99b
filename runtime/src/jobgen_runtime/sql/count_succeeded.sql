-- Count the succeeded jobs among the first rows of a table: no index finds them. `rows` is how many were
-- read, and `estimated` the planner's number for the whole table, NULL if it has none.
SELECT
    COUNT(*) FILTER (WHERE status = 'job_status_succeeded') AS succeeded,
    COUNT(*) AS rows,
    (
        SELECT (common.share * c.reltuples)::BIGINT
        FROM pg_catalog.pg_stats s
        JOIN pg_catalog.pg_class c ON c.oid = {regclass}::REGCLASS
        CROSS JOIN LATERAL UNNEST(
            s.most_common_vals::TEXT::TEXT[], s.most_common_freqs
        ) AS common (status, share)
        WHERE s.schemaname = c.relnamespace::pg_catalog.regnamespace::TEXT
            AND s.tablename = c.relname
            AND s.attname = 'status'
            AND common.status = 'job_status_succeeded'
            AND c.reltuples > 0
    ) AS estimated
FROM (SELECT status FROM {table} LIMIT %(first_rows)s) AS first
