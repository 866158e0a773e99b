-- Record the attempts whose worker died.
INSERT INTO {job_attempts} (job_table, job_id, attempt, started_at, ended_at, outcome, worker_id, error)
SELECT
    {regclass}::REGCLASS,
    rescued.id,
    rescued.attempts_count,
    COALESCE(rescued.started_at, NOW()),
    NOW(),
    'worker_died',
    rescued.worker_id,
    rescued.last_error
FROM rescued
WHERE rescued.status <> 'job_status_running'
