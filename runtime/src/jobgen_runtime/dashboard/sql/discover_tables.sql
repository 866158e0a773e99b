-- Return the job tables that this connection finds without naming a schema, and those in `listed`; only
-- the one that `key` names, unless that is NULL. They come with what the pages need to know about their
-- columns, as JSON. The default of the id is found in its parse tree, because pg_get_expr waits for the
-- lock of a migration.
WITH candidates AS MATERIALIZED (
    {candidates}
),
foreign_keys AS MATERIALIZED (
    SELECT f.conrelid, f.conkey[1] AS attnum, min(f.confrelid::pg_catalog.regclass::text) AS name
    FROM pg_catalog.pg_constraint f
    WHERE f.conrelid IN (SELECT oid FROM candidates)
        AND f.contype = 'f'
        AND pg_catalog.cardinality(f.conkey) = 1
    GROUP BY f.conrelid, f.conkey[1]
),
leading_columns AS MATERIALIZED (
    SELECT DISTINCT i.indrelid, i.indkey[0] AS attnum
    FROM pg_catalog.pg_index i
    WHERE i.indrelid IN (SELECT oid FROM candidates) AND i.indisvalid AND i.indpred IS NULL
)
SELECT
    described.nspname AS schema,
    described.relname AS name,
    described.visible,
    greatest(described.reltuples, 0)::float8 AS estimated_rows,
    EXISTS (
        SELECT FROM pg_catalog.pg_attrdef d
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        JOIN pg_catalog.pg_proc p ON p.proname = 'uuidv7'
        WHERE d.adrelid = described.oid AND a.attname = 'id'
            AND d.adbin::text LIKE '%%:funcid ' || p.oid || ' %%'
    ) AS id_is_ordered,
    described.columns
FROM (
    SELECT
        c.*,
        json_agg(
            json_build_object(
                'name', a.attname,
                'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
                'base', base.typname,
                'required', (a.attnotnull OR t.typnotnull)
                    AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL,
                'writable', a.attgenerated = '' AND a.attidentity <> 'a',
                'references', f.name,
                'indexed', i.attnum IS NOT NULL,
                'labels', CASE WHEN base.typtype = 'e' THEN (
                    SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
                    FROM pg_catalog.pg_enum e
                    WHERE e.enumtypid = base.oid
                ) END
            )
            ORDER BY a.attnum
        )::text AS columns
    FROM candidates c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type base ON base.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
    LEFT JOIN foreign_keys f ON f.conrelid = c.oid AND f.attnum = a.attnum
    LEFT JOIN leading_columns i ON i.indrelid = c.oid AND i.attnum = a.attnum
    GROUP BY c.oid, c.nspname, c.relname, c.visible, c.reltuples
    HAVING count(*) FILTER (
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
    ) = 9
) described
ORDER BY described.relname, described.nspname
