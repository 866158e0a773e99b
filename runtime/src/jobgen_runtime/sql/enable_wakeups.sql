-- Make each change of these tables that makes a job due notify: wake_job_workers checks for this
-- lock, which the session holds until disable_wakeups. Returns the tables for which it was acquired.
SELECT name
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
JOIN pg_catalog.pg_class AS class ON class.oid = pg_catalog.to_regclass(name)
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE pg_catalog.pg_try_advisory_lock_shared(
    pg_catalog.hashtext('jobgen_attended'), pg_catalog.hashtext(nspname || '.' || relname)
)
