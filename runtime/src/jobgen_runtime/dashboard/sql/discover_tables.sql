-- Return the job tables that this connection finds without naming a schema, and those in `listed`,
-- with what the pages need to know about their columns. The default of the id is found in its parse tree,
-- because pg_get_expr waits for the lock of a migration.
SELECT
    n.nspname AS schema,
    c.relname AS name,
    found.visible,
    greatest(c.reltuples, 0)::float8 AS estimated_rows,
    EXISTS (
        SELECT FROM pg_catalog.pg_attrdef d
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        JOIN pg_catalog.pg_proc p ON p.proname = 'uuidv7'
        WHERE d.adrelid = c.oid AND a.attname = 'id'
            AND d.adbin::text LIKE '%%:funcid ' || p.oid || ' %%'
    ) AS id_is_ordered,
    described.columns
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.pg_table_is_visible(c.oid)
        AND n.nspname = ANY (pg_catalog.current_schemas(false)) AS visible
) found
CROSS JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'name', a.attname,
                'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
                'base', base.typname,
                'required', (a.attnotnull OR t.typnotnull)
                    AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL,
                'writable', a.attgenerated = '' AND a.attidentity <> 'a',
                'references', (
                    SELECT f.confrelid::pg_catalog.regclass::text
                    FROM pg_catalog.pg_constraint f
                    WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
                    LIMIT 1
                ),
                'indexed', EXISTS (
                    SELECT FROM pg_catalog.pg_index i
                    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL
                        AND i.indkey[0] = a.attnum
                ),
                'labels', (
                    SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
                    FROM pg_catalog.pg_enum e
                    WHERE e.enumtypid = base.oid
                )
            )
            ORDER BY a.attnum
        ) AS columns,
        count(*) FILTER (
            WHERE (a.attname, t.typname) IN (
                ('id', 'uuid'),
                ('created_at', 'timestamptz'),
                ('updated_at', 'timestamptz'),
                ('status', 'job_status'),
                ('last_error', 'text'),
                ('attempts_count', 'int4'),
                ('locked_at', 'timestamptz'),
                ('locked_by', 'uuid'),
                ('run_at', 'timestamptz')
            )
        ) AS control_columns
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type base ON base.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) described
WHERE c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND c.relpersistence <> 't'
    AND pg_catalog.right(c.relname::text, 5) = '_jobs'
    AND described.control_columns = 9
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    AND (
        found.visible
        OR (n.nspname::text, c.relname::text) IN (
            SELECT listed.schema, listed.name
            FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS listed (schema, name)
        )
    )
ORDER BY c.relname, n.nspname
