-- Record an attempt of a dead worker that had ended, and whose end the database refused until now.
INSERT INTO {job_attempts} (job_table, job_id, attempt, started_at, ended_at, outcome, worker_id, error)
SELECT
    {regclass}::REGCLASS,
    settled.id,
    settled.attempts_count,
    COALESCE(held.locked_at, NOW()),
    NOW(),
    CASE settled.status
        WHEN 'job_status_succeeded' THEN 'succeeded'
        WHEN 'job_status_timed_out' THEN 'timed_out'
        ELSE 'failed'
    END,
    held.locked_by,
    %(error)s
FROM settled
JOIN held ON held.id = settled.id
WHERE settled.status <> 'job_status_running'
