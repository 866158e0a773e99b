-- Schemas, except those of the system and of extensions.
SELECT n.oid, quote_ident(n.nspname) AS name, 'CREATE SCHEMA ' || quote_ident(n.nspname) AS definition
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
ORDER BY n.nspname
