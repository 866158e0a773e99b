-- How many jobs of the kind run, on whichever workers: what global_concurrency limits.
SELECT COUNT(*) FROM {table} WHERE status = 'job_status_running'
