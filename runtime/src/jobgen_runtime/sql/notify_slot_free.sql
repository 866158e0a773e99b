-- Wake the workers of this kind: a slot of its global_concurrency is free. Not if the server's
-- notification queue fills up: the commit would fail, and workers poll.
SELECT pg_catalog.pg_notify('job_workers', nspname || '.' || relname)
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE class.oid = {regclass}::REGCLASS
    AND pg_catalog.pg_notification_queue_usage() < 0.9
