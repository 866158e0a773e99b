INSERT INTO oban_jobs (worker, args, state, attempt, attempted_by, attempted_at, completed_at)
SELECT
    'benchmarks.queues.systems.oban.Noop',
    jsonb_build_object('number', number),
    'completed',
    1,
    ARRAY['a worker'],
    timezone('UTC', now()),
    timezone('UTC', now())
FROM generate_series(1, %(jobs)s) AS number
