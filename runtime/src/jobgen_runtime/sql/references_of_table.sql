-- Return the foreign keys of a table: its columns, the other table, and the columns
-- there.
SELECT
    ARRAY(
        SELECT attname::TEXT
        FROM UNNEST(conkey) WITH ORDINALITY AS key (number, position)
        JOIN pg_catalog.pg_attribute ON attrelid = conrelid AND attnum = key.number
        ORDER BY position
    ) AS columns,
    namespace.nspname AS other_schema,
    other.relname AS other_name,
    pg_catalog.pg_table_is_visible(other.oid) AS is_visible,
    ARRAY(
        SELECT attname::TEXT
        FROM UNNEST(confkey) WITH ORDINALITY AS key (number, position)
        JOIN pg_catalog.pg_attribute ON attrelid = confrelid AND attnum = key.number
        ORDER BY position
    ) AS other_columns
FROM pg_catalog.pg_constraint
JOIN pg_catalog.pg_class AS other ON other.oid = confrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = other.relnamespace
WHERE conrelid = pg_catalog.to_regclass(%(table)s) AND contype = 'f'
ORDER BY conname
