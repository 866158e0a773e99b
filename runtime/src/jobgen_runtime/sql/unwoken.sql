-- The tables that lack a trigger which wakes workers, and which: one query for all tables.
SELECT place::INT - 1 AS place, NOT on_insert AS lacks_insert, NOT on_update AS lacks_update
FROM UNNEST(%(tables)s::TEXT[]) WITH ORDINALITY AS listed (name, place)
JOIN pg_catalog.pg_class AS class ON class.oid = pg_catalog.to_regclass(name)
CROSS JOIN LATERAL (
    SELECT
        COALESCE(BOOL_OR(tgtype & 4 > 0), FALSE) AS on_insert,
        COALESCE(BOOL_OR(tgtype & 16 > 0), FALSE) AS on_update
    FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = class.oid AND proname = 'wake_job_workers'
) AS trigger
WHERE class.relkind IN ('r', 'p') AND NOT (on_insert AND on_update)
