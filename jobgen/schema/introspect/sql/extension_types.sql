-- The types of extensions that a column can have, without arrays and the row types of tables.
SELECT namespace.nspname, type.typname
FROM pg_catalog.pg_type AS type
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
JOIN pg_catalog.pg_depend AS member
    ON member.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
        AND member.objid = type.oid AND member.deptype = 'e'
WHERE type.typtype <> 'p' AND type.typcategory <> 'A'
ORDER BY namespace.nspname, type.typname
