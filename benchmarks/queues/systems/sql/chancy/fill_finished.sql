INSERT INTO chancy_jobs
    (id, queue, func, kwargs, state, attempts, taken_by, started_at, completed_at)
SELECT
    uuidv7(),
    'default',
    'benchmarks.queues.systems.chancy.perform',
    json_build_object('number', number),
    'succeeded',
    1,
    'a worker',
    now(),
    now()
FROM generate_series(1, %(jobs)s) AS number
