-- Record the attempts whose rows the completion has changed. A released attempt that never began is not
-- among `attempts`. The start is that of the claim, and how long the job waited for a slot after it.
INSERT INTO {job_attempts} (job_table, job_id, attempt, started_at, ended_at, outcome, worker_id, error)
SELECT
    {regclass}::REGCLASS,
    ended_job.id,
    begun.attempt,
    begun.locked_at + begun.waited,
    GREATEST(NOW(), begun.locked_at + begun.waited),
    begun.outcome,
    %(worker)s,
    begun.error
FROM ended_job
JOIN UNNEST(
    %(begun)s::UUID[],
    %(attempts)s::INT[],
    %(claimed_at)s::TIMESTAMPTZ[],
    %(waited)s::INTERVAL[],
    %(outcomes)s::TEXT[],
    %(attempt_errors)s::TEXT[]
) AS begun (id, attempt, locked_at, waited, outcome, error) ON begun.id = ended_job.id
WHERE ended_job.status <> 'job_status_running'
