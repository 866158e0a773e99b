-- Enums, domains, composite types and ranges; columns that a kind does not have are NULL.
SELECT
    type.typtype::text,
    namespace.nspname,
    type.typname,
    type.typrelid,
    ARRAY(
        SELECT label.enumlabel::text
        FROM pg_catalog.pg_enum AS label
        WHERE label.enumtypid = type.oid
        ORDER BY label.enumsortorder
    ),
    element_namespace.nspname,
    element.typname,
    CASE WHEN element.oid = base.oid THEN 0 ELSE GREATEST(type.typndims, 1) END,
    pg_catalog.format_type(element.oid, type.typtypmod),
    type.typnotnull,
    COALESCE(type.typdefault !~ '^NULL::', FALSE)
FROM pg_catalog.pg_type AS type
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
LEFT JOIN pg_catalog.pg_class AS class ON class.oid = type.typrelid
LEFT JOIN pg_catalog.pg_range AS range ON range.rngtypid = type.oid
LEFT JOIN pg_catalog.pg_type AS base
    ON base.oid = CASE type.typtype WHEN 'd' THEN type.typbasetype ELSE range.rngsubtype END
LEFT JOIN pg_catalog.pg_type AS element
    ON element.oid = COALESCE(
        (SELECT item.oid FROM pg_catalog.pg_type AS item WHERE item.typarray = base.oid), base.oid
    )
LEFT JOIN pg_catalog.pg_namespace AS element_namespace
    ON element_namespace.oid = element.typnamespace
WHERE (type.typtype IN ('e', 'd', 'r') OR (type.typtype = 'c' AND class.relkind = 'c'))
    AND namespace.nspname NOT LIKE 'pg\_%'
    AND namespace.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS member
        WHERE member.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
            AND member.objid = type.oid AND member.deptype = 'e'
    )
ORDER BY namespace.nspname, type.typname
