-- From now on, each change that makes a job of these tables due notifies: wake_job_workers looks for
-- this lock, which the session holds until `neglect`. Returns the tables of which that is so.
SELECT name
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
JOIN pg_catalog.pg_class AS class ON class.oid = pg_catalog.to_regclass(name)
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE pg_catalog.pg_try_advisory_lock_shared(
    pg_catalog.hashtext('jobgen_attended'), pg_catalog.hashtext(nspname || '.' || relname)
)
