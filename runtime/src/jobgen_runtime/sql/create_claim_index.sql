CREATE INDEX{concurrently} {index} ON {table} (run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry')
