-- Lock a job's row, and return the state in which it is; no row means that the job is gone. A
-- refused job has ended, but the database did not let its worker write that.
SELECT
    id,
    CASE
        WHEN status IN ('job_status_not_started', 'job_status_retry') THEN 'waiting'
        WHEN status IS DISTINCT FROM 'job_status_running' THEN 'ended'
        WHEN EXISTS (
            SELECT FROM {job_refusals} AS refusal
            WHERE refusal.job_table = {regclass}::REGCLASS
                AND refusal.job_id = job.id
                AND refusal.wanted_status <> 'job_status_running'
                AND refusal.refused_at >= job.locked_at
        ) THEN 'refused'
        ELSE 'running'
    END AS state
FROM {table} AS job
WHERE id = %(id)s
FOR UPDATE OF job
