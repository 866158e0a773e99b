-- Declares workers dead whose row has expired. Locked first and skipped if locked: a worker that
-- renews its row just now is alive.
DELETE FROM {job_workers}
WHERE id IN (SELECT id FROM {job_workers} WHERE expires_at < NOW() ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING id, host, pid
