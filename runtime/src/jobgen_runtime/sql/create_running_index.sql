CREATE INDEX{concurrently} {index} ON {table} (locked_by) WHERE status = 'job_status_running'
