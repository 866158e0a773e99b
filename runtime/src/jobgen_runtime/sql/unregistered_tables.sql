-- Return the job tables of this runtime's schema that are not in `registered`, that no live worker
-- processes, and whose jobs could start: not those of paused kinds. The enum leads to its columns by an
-- index, however many tables there are. Left out are tables without an index to find waiting jobs by, and
-- those that a session has locked or waits to lock: the worker must not wait for them.
SELECT
    n.nspname AS schema,
    c.relname AS name,
    pg_catalog.pg_table_is_visible(c.oid) AS is_visible
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute status ON status.attrelid = c.oid AND status.attnum = d.objsubid
JOIN pg_catalog.pg_attribute run_at ON run_at.attrelid = c.oid AND run_at.attname = 'run_at'
WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
    AND d.refobjid = pg_catalog.to_regtype('job_status')
    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND status.attname = 'status'
    AND NOT run_at.attisdropped
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND c.relpersistence <> 't'
    AND pg_catalog.right(c.relname::TEXT, 5) = '_jobs'
    AND c.oid <> ALL (
        SELECT listed.oid
        FROM (
            SELECT pg_catalog.to_regclass(name)::pg_catalog.oid AS oid
            FROM UNNEST(%(registered)s::TEXT[]) AS registered (name)
        ) AS listed
        WHERE listed.oid IS NOT NULL
    )
    AND EXISTS (
        SELECT FROM pg_catalog.pg_index i
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indkey[0] = run_at.attnum
    )
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = c.oid)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_locks lock
        WHERE lock.locktype = 'relation'
            AND lock.database = (
                SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
            )
            AND lock.relation = c.oid
            AND lock.mode = 'AccessExclusiveLock'
    )
    AND NOT EXISTS (
        SELECT FROM {job_workers}
        WHERE expires_at > NOW()
            AND tables && ARRAY[c.relname::TEXT, n.nspname::TEXT || '.' || c.relname::TEXT]
    )
ORDER BY n.nspname, c.relname
