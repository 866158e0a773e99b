-- Tables, including partitioned tables and partitions.
SELECT c.oid, c.oid::regclass::text AS name,
       c.relkind = 'p' AS partitioned,
       CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END AS persistence,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid) END AS partition_of,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE WHEN NOT c.relispartition
            THEN (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)
       END AS inherits,
       array_to_string(c.reloptions, ', ') AS options,
       c.relrowsecurity AS row_security,
       c.relforcerowsecurity AS force_row_security
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
  AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 2
