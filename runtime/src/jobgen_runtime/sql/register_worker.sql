INSERT INTO {job_workers} (id, expires_at, host, pid, version, tables)
VALUES (
    %(id)s, NOW() + %(expires_after)s::INTERVAL, %(host)s, %(pid)s, %(version)s, %(tables)s::TEXT[]
)
