-- Return the first due job of a table that is not a suspect, as claim would take it; no row if there is
-- none, or while the kind is paused.
SELECT {table_name} AS table_name, run_at, id
FROM {table}
WHERE status IN ('job_status_not_started', 'job_status_retry')
    AND run_at <= NOW()
    AND locked_by IS NULL
    AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
ORDER BY run_at, id
LIMIT 1
