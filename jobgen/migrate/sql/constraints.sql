-- Constraints of tables, except inherited ones. NOT NULL is read with the columns.
SELECT c.oid, c.conrelid::regclass::text AS table_name, quote_ident(c.conname) AS name,
       c.contype::text AS type, pg_get_constraintdef(c.oid) AS definition,
       CASE WHEN c.contype IN ('p', 'u') THEN pg_get_indexdef(c.conindid) END AS index_definition,
       k.relkind = 'p' AS partitioned
FROM pg_constraint c
JOIN pg_class k ON k.oid = c.conrelid
WHERE c.contype IN ('p', 'u', 'x', 'c', 'f') AND c.conparentid = 0 AND c.conislocal
  AND k.relkind IN ('r', 'p') AND k.relpersistence <> 't'
  AND k.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
ORDER BY 2, c.contype <> 'p', c.contype = 'f', c.conname
