-- Return the table that a column references, the column that it references there, and one with a name
-- for people; no row if it references nothing, or a table without such a column.
SELECT n.nspname, c.relname, key.attname, label.attname
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND f.conkey = ARRAY[a.attnum]
JOIN pg_catalog.pg_class c ON c.oid = f.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute key ON key.attrelid = c.oid AND f.confkey = ARRAY[key.attnum]
JOIN pg_catalog.pg_attribute label ON label.attrelid = c.oid AND NOT label.attisdropped
JOIN unnest(ARRAY['name', 'title', 'label', 'slug']) WITH ORDINALITY AS known (name, place)
    ON known.name = label.attname
WHERE f.conrelid = %(table)s::pg_catalog.regclass
    AND f.contype = 'f'
    AND a.attname = %(column)s
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
ORDER BY known.place
LIMIT 1
