-- Let jobs of the kind start again, and wake its workers. No row means that the kind was not paused.
WITH resumed AS (
    DELETE FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS RETURNING TRUE
)
SELECT CASE
    WHEN pg_catalog.pg_notification_queue_usage() < 0.9
    THEN pg_catalog.pg_notify('job_workers', nspname || '.' || relname)
END
FROM resumed
JOIN pg_catalog.pg_class AS class ON class.oid = {regclass}::REGCLASS
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
