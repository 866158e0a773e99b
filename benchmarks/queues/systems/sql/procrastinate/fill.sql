INSERT INTO procrastinate_jobs (queue_name, task_name, args)
SELECT 'default', 'noop', jsonb_build_object('number', number)
FROM generate_series(0, %(jobs)s - 1) AS number
