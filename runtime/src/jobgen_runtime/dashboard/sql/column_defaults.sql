-- Return the columns that have a default, and its expression.
SELECT a.attname, CASE
        WHEN a.attidentity <> '' THEN 'nextval()'
        ELSE coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.pg_get_expr(t.typdefaultbin, 0))
    END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %(table)s::pg_catalog.regclass
    AND a.attnum > 0
    AND NOT a.attisdropped
    AND a.attgenerated = ''
    AND (d.oid IS NOT NULL OR t.typdefaultbin IS NOT NULL OR a.attidentity <> '')
