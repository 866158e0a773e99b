-- Says that this worker is alive, and declares dead whose row has expired. Never an upsert: no row
-- means that this worker was declared dead itself.
-- Its own row comes first: while it waits for that, it holds no lock that another might wait for.
-- The others' are locked before they are judged and skipped if locked: a worker that renews its row
-- just now is alive.
WITH renewed AS (
    UPDATE {job_workers}
    SET heartbeat_at = NOW(), expires_at = NOW() + %(lifetime)s::INTERVAL
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
