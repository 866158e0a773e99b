-- Count unfinished and failed jobs by the partial indexes of a job table, each group in the order of its
-- index. Their predicates are repeated literally, because a generic plan finds an index by nothing else.
-- Of each group, at most `first_rows` rows are read. The planner's estimates follow.
SELECT status::text, count(*), 'waiting' AS "group"
FROM (
    SELECT status FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
    ORDER BY run_at, id
    LIMIT %(first_rows)s
) waiting
GROUP BY status
UNION ALL
SELECT status::text, count(*), 'running'
FROM (
    SELECT status FROM {table}
    WHERE status = 'job_status_running'
    ORDER BY locked_by
    LIMIT %(first_rows)s
) running
GROUP BY status
UNION ALL
SELECT status::text, count(*), 'failed'
FROM (
    SELECT status FROM {table}
    WHERE status IN ('job_status_failed', 'job_status_timed_out')
    ORDER BY id
    LIMIT %(first_rows)s
) failed
GROUP BY status
UNION ALL
SELECT common.status, round(common.share * c.reltuples)::bigint, 'estimated'
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_class c ON c.oid = %(table)s::pg_catalog.regclass
CROSS JOIN LATERAL unnest(
    s.most_common_vals::text::text[], s.most_common_freqs
) AS common (status, share)
WHERE s.schemaname = c.relnamespace::pg_catalog.regnamespace::text
    AND s.tablename = c.relname
    AND s.attname = 'status'
    AND c.reltuples > 0
