CREATE INDEX{concurrently} {index} ON {table} (priority DESC, run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry')
