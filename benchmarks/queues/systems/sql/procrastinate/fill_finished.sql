WITH finished AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)
    SELECT 'default', 'noop', jsonb_build_object('number', number), 'succeeded', 1
    FROM generate_series(1, %(jobs)s) AS number
    RETURNING id
)
INSERT INTO procrastinate_events (job_id, type)
SELECT id, type::procrastinate_job_event_type
FROM finished, unnest(ARRAY['deferred', 'started', 'succeeded']) AS type
