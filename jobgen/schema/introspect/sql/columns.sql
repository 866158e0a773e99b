-- Columns of tables and attributes of composite types. The type of an array is its element type.
SELECT
    attribute.attrelid,
    attribute.attname,
    element_namespace.nspname,
    element.typname,
    CASE WHEN element.oid = type.oid THEN 0 ELSE GREATEST(attribute.attndims::int, 1) END,
    pg_catalog.format_type(element.oid, attribute.atttypmod),
    attribute.attnotnull,
    -- PostgreSQL stores no default for NULL; NULL with a cast is treated the same.
    attribute.attgenerated = ''
    AND COALESCE(pg_catalog.pg_get_expr(expression.adbin, expression.adrelid) !~ '^NULL::', FALSE),
    attribute.attidentity::text,
    attribute.attgenerated <> '',
    pg_catalog.pg_get_expr(expression.adbin, expression.adrelid)
FROM pg_catalog.pg_attribute AS attribute
JOIN pg_catalog.pg_class AS class ON class.oid = attribute.attrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
LEFT JOIN pg_catalog.pg_attrdef AS expression
    ON expression.adrelid = attribute.attrelid AND expression.adnum = attribute.attnum
JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
JOIN pg_catalog.pg_type AS element
    ON element.oid = COALESCE(
        (SELECT item.oid FROM pg_catalog.pg_type AS item WHERE item.typarray = type.oid), type.oid
    )
JOIN pg_catalog.pg_namespace AS element_namespace ON element_namespace.oid = element.typnamespace
WHERE attribute.attnum > 0
    AND NOT attribute.attisdropped
    AND class.relkind IN ('r', 'p', 'f', 'c')
    AND namespace.nspname NOT LIKE 'pg\_%'
    AND namespace.nspname <> 'information_schema'
ORDER BY attribute.attrelid, attribute.attnum
