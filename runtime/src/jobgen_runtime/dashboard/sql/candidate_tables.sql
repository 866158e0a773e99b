-- Return the tables that this connection finds without naming a schema, and those in `listed`, whose names are those of
-- job tables; only the one that `key` names, unless that is NULL.
SELECT c.oid, n.nspname, c.relname, found.visible, c.reltuples
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.pg_table_is_visible(c.oid)
        AND n.nspname = ANY (pg_catalog.current_schemas(false)) AS visible
) found
WHERE c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND c.relpersistence <> 't'
    AND pg_catalog.right(c.relname::text, 5) = '_jobs'
    AND (
        %(key)s::text IS NULL
        OR %(key)s::text IN (c.relname::text, n.nspname::text || '.' || c.relname::text)
    )
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    AND (
        found.visible
        OR (n.nspname::text, c.relname::text) IN (
            SELECT listed.schema, listed.name
            FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS listed (schema, name)
        )
    )
