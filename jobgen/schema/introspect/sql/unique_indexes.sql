-- Unique indexes of job tables with their columns and condition; without expressions, without those
-- of constraints and of partitions.
SELECT
    index.indrelid,
    class.relname,
    ARRAY(
        SELECT attribute.attname::text
        FROM pg_catalog.unnest(index.indkey) WITH ORDINALITY AS key_column (attnum, number)
        JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = index.indrelid AND attribute.attnum = key_column.attnum
        WHERE key_column.number <= index.indnkeyatts
        ORDER BY key_column.number
    ),
    pg_catalog.pg_get_expr(index.indpred, index.indrelid)
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
JOIN pg_catalog.pg_class AS indexed ON indexed.oid = index.indrelid
WHERE index.indisunique
    AND index.indexprs IS NULL
    AND indexed.relname LIKE '%\_jobs'
    AND NOT indexed.relispartition
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint AS key WHERE key.conindid = class.oid
    )
ORDER BY class.relname COLLATE "C"
