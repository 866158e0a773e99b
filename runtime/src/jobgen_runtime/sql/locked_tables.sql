-- Return those of these tables that other sessions have locked in one of these modes, or wait to lock.
SELECT name
FROM UNNEST(%(tables)s::TEXT[]) AS name
WHERE EXISTS (
    SELECT FROM pg_catalog.pg_locks AS lock
    WHERE lock.locktype = 'relation'
        AND lock.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND lock.relation = pg_catalog.to_regclass(name)
        AND lock.mode = ANY (%(modes)s::TEXT[])
        AND lock.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
)
