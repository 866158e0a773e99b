-- Never an upsert: no row means that this worker was declared dead.
UPDATE {job_workers}
SET heartbeat_at = NOW(), expires_at = NOW() + %(lifetime)s::INTERVAL
WHERE id = %(id)s
RETURNING id
