-- Tables, partitioned tables and foreign tables, with their parent and primary key.
SELECT
    class.oid,
    namespace.nspname,
    class.relname,
    parent_namespace.nspname,
    parent.relname,
    ARRAY(
        SELECT attribute.attname::text
        FROM pg_catalog.pg_constraint AS key
        CROSS JOIN LATERAL pg_catalog.unnest(key.conkey) WITH ORDINALITY AS key_column (attnum, number)
        JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = class.oid AND attribute.attnum = key_column.attnum
        WHERE key.conrelid = class.oid AND key.contype = 'p'
        ORDER BY key_column.number
    )
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN pg_catalog.pg_inherits AS partition
    ON partition.inhrelid = class.oid AND class.relispartition
LEFT JOIN pg_catalog.pg_class AS parent ON parent.oid = partition.inhparent
LEFT JOIN pg_catalog.pg_namespace AS parent_namespace ON parent_namespace.oid = parent.relnamespace
WHERE class.relkind IN ('r', 'p', 'f')
    AND class.relpersistence <> 't'
    AND namespace.nspname NOT LIKE 'pg\_%'
    AND namespace.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS member
        WHERE member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND member.objid = class.oid AND member.deptype = 'e'
    )
ORDER BY namespace.nspname, class.relname
