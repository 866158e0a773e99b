-- Return the status of a kind of job: since when it is paused, how many jobs wait and run, and how many live
-- workers process it.
SELECT
    (SELECT paused_at FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS) AS paused_at,
    (
        SELECT COUNT(*) FROM {table} WHERE status IN ('job_status_not_started', 'job_status_retry')
    ) AS waiting,
    (SELECT COUNT(*) FROM {table} WHERE status = 'job_status_running') AS running,
    (
        SELECT COUNT(*) FROM {job_workers} WHERE expires_at > NOW() AND %(table)s = ANY (tables)
    ) AS workers
