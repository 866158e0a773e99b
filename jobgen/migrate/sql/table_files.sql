-- The file of each table. It changes when the table is rewritten.
SELECT oid, relfilenode FROM pg_catalog.pg_class WHERE relkind IN ('r', 'm')
