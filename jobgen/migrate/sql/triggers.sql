-- Triggers, except those of constraints and those inherited from a partitioned table.
SELECT t.oid, t.tgrelid::regclass::text AS table_name, quote_ident(t.tgname) AS name,
       pg_get_triggerdef(t.oid) AS definition
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relpersistence <> 't'
  AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
ORDER BY 2, 3
