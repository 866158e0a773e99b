-- The columns of those tables, except inherited ones.
SELECT a.attrelid::regclass::text AS table_name, a.attrelid AS table_oid, a.attnum AS number,
       quote_ident(a.attname) AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
       pg_get_expr(d.adbin, d.adrelid) AS expression,
       a.attnotnull AS not_null,
       a.attidentity::text AS identity,
       a.attgenerated::text AS generated
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal
  AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
ORDER BY a.attrelid, a.attnum
