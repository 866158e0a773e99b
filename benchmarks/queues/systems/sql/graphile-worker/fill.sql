SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
    SELECT
        ('noop', json_build_object('number', number), NULL, NULL, NULL, NULL, NULL, NULL)
        ::graphile_worker.job_spec
    FROM generate_series(0, %(jobs)s - 1) AS number
))
