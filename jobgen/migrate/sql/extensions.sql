-- Installed extensions. Their versions are not compared.
SELECT e.oid, quote_ident(e.extname) AS name,
       'CREATE EXTENSION IF NOT EXISTS ' || quote_ident(e.extname)
       || CASE WHEN e.extrelocatable AND e.extnamespace <> 'pg_catalog'::regnamespace
               THEN ' SCHEMA ' || e.extnamespace::regnamespace::text ELSE '' END AS definition
FROM pg_extension e
ORDER BY e.extname
