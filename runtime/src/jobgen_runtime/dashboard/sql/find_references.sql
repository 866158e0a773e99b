-- Return the columns of a table that reference one column of another, with that, the columns of the other
-- table that may have a name for people, best first, and which of these an index orders. Job tables are
-- left out: whoever sees one kind of job may not see another.
SELECT DISTINCT ON (a.attnum)
    a.attname AS "column",
    n.nspname AS schema,
    c.relname AS name,
    key.attname AS key,
    greatest(c.reltuples, 0)::float8 AS estimated_rows,
    labels.names AS labels,
    labels.indexed AS indexed
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND f.conkey = ARRAY[a.attnum]
JOIN pg_catalog.pg_class c ON c.oid = f.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute key ON key.attrelid = c.oid AND f.confkey = ARRAY[key.attnum]
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(label.attname::text ORDER BY known.place), '{}') AS names,
        coalesce(
            array_agg(label.attname::text) FILTER (
                WHERE t.typcategory = 'S' AND EXISTS (
                    SELECT FROM pg_catalog.pg_index i
                    JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0] AND o.opcdefault
                    JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod AND am.amname = 'btree'
                    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL
                        AND i.indkey[0] = label.attnum AND i.indcollation[0] = label.attcollation
                )
            ),
            '{}'
        ) AS indexed
    FROM unnest(ARRAY['name', 'title', 'label', 'slug']) WITH ORDINALITY AS known (name, place)
    JOIN pg_catalog.pg_attribute label
        ON label.attrelid = c.oid AND label.attname = known.name AND NOT label.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = label.atttypid
    WHERE pg_catalog.has_column_privilege(c.oid, label.attnum, 'SELECT')
) labels
WHERE f.conrelid = %(table)s::pg_catalog.regclass
    AND f.contype = 'f'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_column_privilege(c.oid, key.attnum, 'SELECT')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute s
        JOIN pg_catalog.pg_type t ON t.oid = s.atttypid
        WHERE s.attrelid = c.oid AND s.attname = 'status' AND t.typname = 'job_status'
    )
ORDER BY a.attnum, f.conname
