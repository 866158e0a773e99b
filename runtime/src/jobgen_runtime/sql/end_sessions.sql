-- End the sessions of clients of a database; return a row for each that has not ended yet.
SELECT pg_catalog.pg_terminate_backend(pid)
FROM pg_catalog.pg_stat_activity
WHERE datname = %(database)s AND backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
