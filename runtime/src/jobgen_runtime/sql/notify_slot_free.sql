-- Wake the workers of this kind: a slot of its global_concurrency is free.
SELECT pg_catalog.pg_notify('job_workers', nspname || '.' || relname)
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE class.oid = {regclass}::REGCLASS
