-- Return how many rows the table says this worker has claimed, when the last of them was claimed,
-- and whether there are requests to cancel jobs of the table, or refused jobs, on whichever worker.
-- Also whether rows may be large: values outside of them (TOAST). Of partitions and views that is unknown.
SELECT
    {table_name} AS table_name,
    COUNT(*) AS rows,
    MAX(COALESCE(locked_at, '-infinity'))::TEXT AS latest,
    EXISTS (SELECT FROM {job_cancellations} WHERE job_table = {regclass}::REGCLASS) AS has_cancellations,
    EXISTS (SELECT FROM {job_refusals} WHERE job_table = {regclass}::REGCLASS) AS has_refusals,
    (
        SELECT relkind <> 'r' OR pg_catalog.pg_relation_size(reltoastrelid) > 0
        FROM pg_catalog.pg_class
        WHERE oid = {regclass}::REGCLASS
    ) AS may_be_large
FROM {table}
WHERE status = 'job_status_running' AND locked_by = %(worker)s
