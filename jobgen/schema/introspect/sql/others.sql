-- Named indexes, sequences and views, without the indexes of keys and the sequences of columns.
SELECT namespace.nspname, class.relname
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE class.relkind IN ('i', 'I', 'S', 'v', 'm')
    AND class.relpersistence <> 't'
    AND namespace.nspname NOT LIKE 'pg\_%'
    AND namespace.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS part
        WHERE part.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND part.objid = class.oid
            AND (
                part.deptype IN ('e', 'i')
                OR (part.deptype = 'a' AND class.relkind = 'S')
            )
    )
