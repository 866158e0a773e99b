-- Indexes, except those of constraints and those inherited from a partitioned index.
SELECT i.indexrelid AS oid, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table_name,
       quote_ident(x.relname) AS plain_name,
       pg_get_indexdef(i.indexrelid) AS definition,
       i.indisvalid AS valid, t.relkind::text AS table_kind,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS in_progress
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't' AND NOT x.relispartition
  AND t.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY 2
