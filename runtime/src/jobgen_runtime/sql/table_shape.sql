-- What a job's table has of what the worker needs; no row where there is no such table.
SELECT
    ARRAY(
        SELECT attname::TEXT FROM pg_catalog.pg_attribute
        WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped
    ) AS columns,
    EXISTS (
        SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = class.oid AND attname = 'status'
            AND atttypid = pg_catalog.to_regtype('job_status')
    ) AS is_of_this_runtime,
    ARRAY(
        SELECT attname::TEXT
        FROM pg_catalog.pg_index
        JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = class.oid AND indisvalid
    ) AS indexed,
    EXISTS (
        SELECT FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid = class.oid AND proname = 'wake_job_workers' AND tgenabled IN ('O', 'A') AND tgtype & 4 > 0
    ) AS wakes_on_insert,
    EXISTS (
        SELECT FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid = class.oid AND proname = 'wake_job_workers' AND tgenabled IN ('O', 'A') AND tgtype & 16 > 0
    ) AS wakes_on_update
FROM pg_catalog.pg_class AS class
WHERE class.oid = pg_catalog.to_regclass(%(name)s)
