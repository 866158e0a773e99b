INSERT INTO noop_jobs (number)
SELECT number FROM generate_series(0, %(jobs)s - 1) AS number
