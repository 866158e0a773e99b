-- Return those of these tables that a transaction still in progress has changed: wake_job_workers
-- holds a lock until that transaction ends. It may have checked for enable_wakeups' lock too early.
SELECT name
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
JOIN pg_catalog.pg_class AS class ON class.oid = pg_catalog.to_regclass(name)
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE NOT CASE
    WHEN pg_catalog.pg_try_advisory_lock(
        pg_catalog.hashtext('jobgen_under_way'), pg_catalog.hashtext(nspname || '.' || relname)
    )
    THEN pg_catalog.pg_advisory_unlock(
        pg_catalog.hashtext('jobgen_under_way'), pg_catalog.hashtext(nspname || '.' || relname)
    )
    ELSE FALSE
END
