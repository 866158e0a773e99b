-- Return the workers, those that are alive first. Rows that have expired are deleted by the next heartbeat of
-- another worker.
SELECT
    id::text,
    host,
    pid,
    version,
    tables,
    extract(epoch FROM started_at)::float8,
    extract(epoch FROM heartbeat_at)::float8,
    extract(epoch FROM expires_at)::float8
FROM {job_workers}
ORDER BY expires_at <= pg_catalog.now(), host, pid
LIMIT %(limit)s
