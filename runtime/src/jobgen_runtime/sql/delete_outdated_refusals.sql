-- Delete the refusals of jobs that something else has changed since: an operator, another worker, or a
-- DELETE.
DELETE FROM {job_refusals} AS refusal
WHERE refusal.job_table = {regclass}::REGCLASS
    AND NOT EXISTS (
        SELECT FROM {table} AS job
        WHERE job.id = refusal.job_id
            AND CASE refusal.wanted_status
                WHEN 'job_status_running' THEN job.status IN ('job_status_not_started', 'job_status_retry')
                    AND refusal.refused_at >= job.updated_at
                ELSE job.status = 'job_status_running' AND refusal.refused_at >= job.locked_at
            END
    )
