WITH filled AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, headers, status)
    SELECT 0, 'noop', number::text::bytea, 'null', 'queued'
    FROM generate_series(0, %(jobs)s - 1) AS number
    RETURNING id, entrypoint, priority
)
INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
SELECT id, 'queued', entrypoint, priority FROM filled
