-- Rows are found by primary key, whatever the statistics say: the planner knows neither the number
-- of ids nor that an index would fit the fence.
UPDATE noop_jobs SET
    status = 'job_status_succeeded',
    locked_by = NULL,
    locked_at = NULL,
    updated_at = now()
FROM unnest((SELECT %(ids)s::uuid[])) AS done (id)
WHERE noop_jobs.id = done.id
    AND status::text = 'job_status_running'
    AND locked_by IS NOT DISTINCT FROM %(worker)s
    AND locked_at = %(locked_at)s
