-- Renew this worker's row, and delete the rows that have expired. Never an upsert: a missing row means
-- that this worker was declared dead itself; then nothing is changed.
-- The worker's own row comes first: while the statement waits for it, it holds no lock that another
-- statement might wait for. Other rows are locked before their expiry is checked, and skipped if they
-- are locked: a worker that is renewing its row is alive.
WITH renewed AS (
    UPDATE {job_workers}
    SET heartbeat_at = NOW(), expires_at = NOW() + %(expires_after)s::INTERVAL
    WHERE id = %(id)s
    RETURNING id, host, pid
), dead AS (
    DELETE FROM {job_workers}
    WHERE id IN (
        SELECT id
        FROM {job_workers}
        WHERE EXISTS (SELECT FROM renewed) AND expires_at < NOW() AND id <> %(id)s
        ORDER BY id
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, host, pid
)
SELECT id, host, pid FROM renewed
UNION ALL
SELECT id, host, pid FROM dead
