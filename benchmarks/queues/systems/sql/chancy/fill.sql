INSERT INTO chancy_jobs (id, queue, func, kwargs)
SELECT
    uuidv7(),
    'default',
    'benchmarks.queues.systems.chancy.perform',
    json_build_object('number', number)
FROM generate_series(0, %(jobs)s - 1) AS number
