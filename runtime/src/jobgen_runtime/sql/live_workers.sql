-- Return the live workers, for an operator.
SELECT id, host, pid, version, NOW() - heartbeat_at AS silent_for
FROM {job_workers}
WHERE expires_at > NOW()
ORDER BY host, pid, id
LIMIT %(limit)s
