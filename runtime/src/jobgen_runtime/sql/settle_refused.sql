-- running -> the status that a refused job was to get, or failed: for a job whose worker is gone.
-- A row that a trigger kept from changing is not in the result.
WITH {held_job}settled AS (
    UPDATE {table} AS job
    SET status = %(status)s::{job_status},
        last_error = COALESCE(%(error)s, job.last_error),
        locked_by = NULL,
        locked_at = NULL,
        updated_at = NOW()
    WHERE job.id = %(id)s
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND NOT EXISTS (SELECT FROM {job_workers} AS worker WHERE worker.id = job.locked_by)
    RETURNING job.id, job.status{more_columns}
){more_parts}
SELECT settled.id FROM settled WHERE settled.status <> 'job_status_running'
