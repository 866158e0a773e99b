-- Return schedules in the order of their tables and names, with what an operator needs to know. `tables`
-- may be NULL for those of all tables. A class that is gone has no live worker with its table.
SELECT
    schema,
    table_name,
    is_visible,
    name,
    expression,
    timezone,
    listed.values::TEXT AS values,
    catch_up,
    catch_up_limit,
    source,
    created_at,
    paused_at,
    CASE WHEN pg_catalog.isfinite(next_at) THEN next_at END AS next_at,
    next_at IS NOT DISTINCT FROM 'infinity' AS is_never_due,
    last_at,
    last_job_id,
    last_error,
    EXISTS (
        SELECT FROM job_workers
        WHERE expires_at > NOW() AND tables && ARRAY[table_name, schema || '.' || table_name]
    ) AS has_workers,
    source <> 'code' OR EXISTS (
        SELECT FROM job_workers WHERE id = defined_by AND expires_at > NOW()
    ) AS is_defined
FROM (
    SELECT
        schedule.*,
        nspname::TEXT AS schema,
        relname::TEXT AS table_name,
        pg_catalog.pg_table_is_visible(class.oid) AS is_visible
    FROM job_schedules AS schedule
    LEFT JOIN pg_catalog.pg_class AS class ON class.oid = job_table
    LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE %(tables)s::TEXT[] IS NULL OR job_table = ANY (
        SELECT pg_catalog.to_regclass(given) FROM UNNEST(%(tables)s::TEXT[]) AS given
    )
    ORDER BY nspname, relname, name
    LIMIT %(limit)s
) AS listed
ORDER BY schema, table_name, name
