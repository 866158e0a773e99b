CREATE INDEX{concurrently} {index} ON {table} (run_at, id) WHERE status = 'job_status_retry'
