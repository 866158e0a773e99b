INSERT INTO oban_jobs (worker, args)
SELECT 'benchmarks.queues.systems.oban.Noop', jsonb_build_object('number', number)
FROM generate_series(0, %(jobs)s - 1) AS number
