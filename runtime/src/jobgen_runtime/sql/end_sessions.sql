-- End all other sessions of a database.
SELECT pg_catalog.pg_terminate_backend(pid)
FROM pg_catalog.pg_stat_activity
WHERE datname = %(database)s AND pid <> pg_catalog.pg_backend_pid()
