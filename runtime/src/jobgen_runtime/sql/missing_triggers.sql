-- Return the tables without a trigger that wakes workers, and for which event: one query for all.
SELECT name AS sql_name, NOT on_insert AS misses_insert, NOT on_update AS misses_update
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
JOIN pg_catalog.pg_class AS class ON class.oid = pg_catalog.to_regclass(name)
CROSS JOIN LATERAL (
    SELECT
        COALESCE(BOOL_OR(tgtype & 4 > 0), FALSE) AS on_insert,
        COALESCE(BOOL_OR(tgtype & 16 > 0), FALSE) AS on_update
    FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = class.oid AND proname = 'wake_job_workers'
) AS trigger
WHERE class.relkind IN ('r', 'p') AND NOT (on_insert AND on_update)
