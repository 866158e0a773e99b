-- Return the job tables of this runtime's schema that are not in `registered`, that no live worker
-- processes, and whose jobs could start: not those of paused kinds. The enum leads to its columns by an
-- index, however many tables there are. Left out are tables without an index to find waiting jobs by, and
-- those that a session has locked or waits to lock: the worker must not wait for them. The conditions are
-- subqueries that the planner does not turn into joins: it would take longer to plan nine joined tables
-- than to do everything else here.
SELECT
    n.nspname AS schema,
    c.relname AS name,
    pg_catalog.pg_table_is_visible(c.oid) AS is_visible
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
    AND d.refobjid = pg_catalog.to_regtype('job_status')
    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND c.relpersistence <> 't'
    AND pg_catalog.right(c.relname::TEXT, 5) = '_jobs'
    AND c.oid <> ALL (
        ARRAY(
            SELECT pg_catalog.to_regclass(name)::pg_catalog.oid
            FROM UNNEST(%(registered)s::TEXT[]) AS registered (name)
            WHERE pg_catalog.to_regclass(name) IS NOT NULL
        )
    )
    AND (
        SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum = d.objsubid
    ) = 'status'
    AND (
        SELECT attnum FROM pg_catalog.pg_attribute
        WHERE attrelid = c.oid AND attname = 'run_at' AND NOT attisdropped
    ) = ANY (
        ARRAY(
            SELECT indkey[0] FROM pg_catalog.pg_index WHERE indrelid = c.oid AND indisvalid
        )
    )
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    AND c.oid <> ALL (ARRAY(SELECT job_table::pg_catalog.oid FROM {job_pauses}))
    AND c.oid <> ALL (
        ARRAY(
            SELECT relation FROM pg_catalog.pg_locks
            WHERE locktype = 'relation'
                AND mode = 'AccessExclusiveLock'
                AND database = (
                    SELECT oid FROM pg_catalog.pg_database
                    WHERE datname = pg_catalog.current_database()
                )
        )
    )
    AND NOT EXISTS (
        SELECT FROM {job_workers}
        WHERE expires_at > NOW()
            AND tables && ARRAY[c.relname::TEXT, n.nspname::TEXT || '.' || c.relname::TEXT]
        OFFSET 0
    )
ORDER BY n.nspname, c.relname
