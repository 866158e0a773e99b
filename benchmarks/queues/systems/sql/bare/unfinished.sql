SELECT count(*) FROM noop_jobs
WHERE status IN ('job_status_not_started', 'job_status_retry', 'job_status_running')
