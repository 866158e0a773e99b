-- Undo enable_wakeups: changes of these tables no longer notify for this session's sake.
SELECT pg_catalog.pg_advisory_unlock_shared(
    pg_catalog.hashtext('jobgen_attended'), pg_catalog.hashtext(nspname || '.' || relname)
)
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
JOIN pg_catalog.pg_class AS class ON class.oid = pg_catalog.to_regclass(name)
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
