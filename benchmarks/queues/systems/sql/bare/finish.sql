UPDATE noop_jobs SET
    status = 'job_status_succeeded',
    locked_by = NULL,
    locked_at = NULL,
    updated_at = now()
FROM unnest(%(ids)s::uuid[]) AS done (id)
WHERE noop_jobs.id = done.id AND locked_by = %(worker)s AND status = 'job_status_running'
