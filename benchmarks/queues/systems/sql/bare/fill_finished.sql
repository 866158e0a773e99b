INSERT INTO noop_jobs (number, status, attempts_count)
SELECT number, 'job_status_succeeded', 1 FROM generate_series(1, %(jobs)s) AS number
