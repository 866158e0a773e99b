INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority, aggregated)
SELECT -number, status::pgqueuer_status, 'noop', 0, TRUE
FROM generate_series(1, %(jobs)s) AS number,
    unnest(ARRAY['queued', 'picked', 'successful']) AS status
