-- The columns of a table in the order of the table; no row if it does not exist.
SELECT attname
FROM pg_catalog.pg_attribute
WHERE attrelid = pg_catalog.to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
