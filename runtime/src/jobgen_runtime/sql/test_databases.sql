-- Return the databases of tests that belong to this role, by the form of their names.
SELECT datname
FROM pg_catalog.pg_database
WHERE datname ~ ('^' || %(prefix)s || '[0-9a-f]{8}_(template|[0-9]+)$')
    AND pg_catalog.pg_get_userbyid(datdba) = CURRENT_USER
ORDER BY datname
