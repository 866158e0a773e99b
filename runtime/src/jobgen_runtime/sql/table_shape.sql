-- Return the columns, indexes and triggers of a job table; no row if it does not exist.
SELECT
    relkind IN ('r', 'p') AS is_table,
    relkind = 'p' AS is_partitioned,
    ARRAY(
        SELECT attname::TEXT FROM pg_catalog.pg_attribute
        WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped
    ) AS columns,
    EXISTS (
        SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = class.oid AND attname = 'status'
            AND atttypid = pg_catalog.to_regtype('job_status')
    ) AS has_job_status,
    EXISTS (
        SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = class.oid AND attname = 'priority' AND attnotnull
            AND atttypid = 'pg_catalog.int2'::pg_catalog.regtype
    ) AS has_priority_column,
    indexes.*,
    triggers.*,
    (
        SELECT expression
        FROM pg_catalog.pg_attrdef
        JOIN pg_catalog.pg_attribute ON attrelid = adrelid AND attnum = adnum
        CROSS JOIN LATERAL pg_catalog.pg_get_expr(adbin, adrelid) AS expression
        WHERE adrelid = class.oid AND attname = 'id'
            AND expression ~ 'gen_random_uuid|uuid_generate_v4|uuidv4'
    ) AS random_id_default
FROM pg_catalog.pg_class AS class
CROSS JOIN LATERAL (
    SELECT
        COALESCE(BOOL_OR(first = 'run_at' AND NOT of_retries), FALSE) AS has_claim_index,
        COALESCE(BOOL_OR(first = 'run_at' AND of_retries), FALSE) AS has_retry_index,
        COALESCE(BOOL_OR(first = 'locked_by'), FALSE) AS has_running_index,
        COALESCE(BOOL_OR(definition = '(priority DESC, run_at, id)' AND NOT of_retries), FALSE) AS has_priority_index
    FROM pg_catalog.pg_index
    JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    CROSS JOIN LATERAL (
        SELECT
            attname AS first,
            SUBSTRING(pg_catalog.pg_get_indexdef(indexrelid) FROM ' USING btree (\(.*?\))') AS definition,
            COALESCE(pg_catalog.pg_get_expr(indpred, indrelid), '') AS condition
    ) AS index
    CROSS JOIN LATERAL (
        SELECT condition LIKE '%%job_status_retry%%' AND condition NOT LIKE '%%job_status_not_started%%' AS of_retries
    ) AS covered
    WHERE indrelid = class.oid AND indisvalid
) AS indexes
CROSS JOIN LATERAL (
    SELECT
        COALESCE(BOOL_OR(enabled AND on_insert), FALSE) AS wakes_on_insert,
        COALESCE(BOOL_OR(enabled AND on_update), FALSE) AS wakes_on_update,
        COALESCE(ARRAY_AGG(name) FILTER (WHERE on_insert AND NOT enabled), '{}') AS disabled_insert_triggers,
        COALESCE(ARRAY_AGG(name) FILTER (WHERE on_update AND NOT enabled), '{}') AS disabled_update_triggers
    FROM (
        SELECT
            tgname::TEXT AS name,
            tgenabled IN ('O', 'A') AS enabled,
            tgtype & 4 > 0 AS on_insert,
            tgtype & 16 > 0 AS on_update
        FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid = class.oid AND proname = 'wake_job_workers'
    ) AS trigger
) AS triggers
WHERE class.oid = pg_catalog.to_regclass(%(name)s)
