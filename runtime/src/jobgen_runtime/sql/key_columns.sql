-- Return the name, the type and the default of columns of a table. The default is NULL if there is
-- none, or if it depends on other columns.
SELECT
    attname::TEXT AS name,
    pg_catalog.format_type(atttypid, atttypmod) AS type,
    CASE WHEN attgenerated = '' THEN pg_catalog.pg_get_expr(adbin, adrelid) END AS default
FROM pg_catalog.pg_attribute
LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = pg_catalog.to_regclass(%(table)s) AND attname = ANY (%(columns)s::TEXT[])
