-- How a kind of job stands: since when it is paused, if it is, how many of it wait and run, and on
-- how many workers it may.
SELECT
    (SELECT paused_at FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS) AS paused_at,
    (
        SELECT COUNT(*) FROM {table} WHERE status IN ('job_status_not_started', 'job_status_retry')
    ) AS waiting,
    (SELECT COUNT(*) FROM {table} WHERE status = 'job_status_running') AS running,
    (
        SELECT COUNT(*) FROM {job_workers} WHERE expires_at > NOW() AND %(table)s = ANY (tables)
    ) AS workers
