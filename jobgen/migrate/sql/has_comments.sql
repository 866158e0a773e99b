-- Whether pg_dump would print a comment. Lower numbers are those of the system's objects, of which it
-- looks at the schema public only.
SELECT EXISTS (SELECT FROM pg_catalog.pg_description WHERE objoid >= 16384)
    OR (
        SELECT description FROM pg_catalog.pg_description
        JOIN pg_catalog.pg_namespace ON pg_namespace.oid = objoid AND pg_namespace.tableoid = classoid
        WHERE nspname = 'public'
    ) IS DISTINCT FROM 'standard public schema'
