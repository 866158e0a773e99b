-- Those of these tables that a transaction has changed which has not ended yet: wake_job_workers keeps
-- a lock until then. It may have looked for attendance before there was any.
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
