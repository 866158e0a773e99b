-- Count the running jobs of the kind on all workers: what global_concurrency limits.
SELECT COUNT(*) FROM {table} WHERE status = 'job_status_running'
