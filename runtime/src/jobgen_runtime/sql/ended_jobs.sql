-- Return those of these jobs that have ended, and those that are gone. Each is looked up by its
-- primary key, whatever the statistics say: OFFSET 0 keeps the planner from joining the table.
SELECT listed.id, job.is_there IS NULL AS is_gone
FROM UNNEST(%(ids)s::UUID[]) AS listed (id)
LEFT JOIN LATERAL (
    SELECT TRUE AS is_there, job.status FROM {table} AS job WHERE job.id = listed.id OFFSET 0
) AS job ON TRUE
WHERE job.is_there IS NULL
    OR job.status IN ('job_status_succeeded', 'job_status_failed', 'job_status_timed_out')
