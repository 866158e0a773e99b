-- Functions and procedures, except those of extensions.
SELECT p.oid, p.oid::regprocedure::text AS name,
       CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition
FROM pg_proc p
WHERE p.prokind IN ('f', 'p', 'w')
  AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
ORDER BY 2
